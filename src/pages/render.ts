/** Turns view data into HTML. Every template is compiled once, at start; a broken one stops the start. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { Eta } from 'eta';
import { random } from '../ids.js';
import { readAssets } from './assets.js';
import { day, initial, moment, tone, webAddress } from './format.js';
import type { ViewData } from './viewData.js';

/** Renders a view; the name decides which data it takes. */
export type Render = <View extends keyof ViewData>(view: View, data: ViewData[View]) => string;

/**
 * Compiles the templates of a folder.
 * @param viewsFolder the folder with the `.eta` files and `assets/`
 * @param basePath the issuer's path, before every link: empty, or e.g. `/oauth`
 * @param supportUrl where people get help, if there is such a place
 */
export function createRenderer(viewsFolder: string, basePath: string, supportUrl?: string): Render {
  const eta = new Eta({ autoEscape: true });
  for (const path of readdirSync(viewsFolder, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.eta')) continue;
    // Eta takes a name with "@" from memory; any other one it would look for on the disk at each request.
    const name = `@${path.slice(0, -'.eta'.length).split(sep).join('/')}`;
    eta.loadTemplate(name, readFileSync(join(viewsFolder, path), 'utf8'));
  }
  const assets = readAssets(viewsFolder);
  const helpers = {
    base: basePath,
    supportUrl,
    asset: (name: string) => `${basePath}/assets/${name}?v=${assets.get(name)?.hash ?? ''}`,
    day,
    initial,
    moment,
    tone,
    webAddress,
  };
  return (view, data) => eta.render(`@${view}`, { ...data, ...helpers, formId: random(16).toString('base64url') });
}
