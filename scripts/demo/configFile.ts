/** Moves the demo resource of a config file to another URL, for a demo MCP server on another port. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_RESOURCE } from './settings.js';

/**
 * The text of a config file with the demo resource at another URL.
 * @param text the config file's text
 * @param resource the URL that takes the place of the default one
 */
export const withDemoResource = (text: string, resource: string): string =>
  text.replaceAll(JSON.stringify(DEFAULT_RESOURCE), JSON.stringify(resource));

/**
 * Writes config/default.json with the demo resource at another URL to a temporary file.
 * @param resource the URL of the demo MCP server
 * @returns the file's path
 */
export const demoConfigFile = async (resource: string): Promise<string> => {
  const text = await readFile('config/default.json', 'utf8');
  const file = join(await mkdtemp(join(tmpdir(), 'mcp-demo-')), 'config.json');
  await writeFile(file, withDemoResource(text, resource));
  return file;
};
