/** The settings as text: a Markdown table, and the lines of an environment file. */
import type { Setting } from './settings.js';

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** @param title the heading of the first column */
export function settingsTable(title: string, settings: readonly Setting[]): string {
  const rows = settings.map(({ name, description, values, byDefault, whenUnset }) => {
    const what = [description, ...(values === undefined ? [] : [`${capital(values)}.`])].join(' ');
    const otherwise = byDefault === undefined ? (whenUnset ?? '') : `\`${byDefault}\``;
    return `| \`${name}\` | ${cell(what)} | ${cell(otherwise)} |`;
  });
  return [`| ${title} | what it is | when not set |`, '|---|---|---|', ...rows].join('\n');
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const WIDTH = 118;

/** Every variable as comment and assignment. */
export function environmentFile(settings: readonly Setting[]): string {
  const head = [
    '# Every variable that the server reads, with its default; empty means not set. Copy this file to .env and start with:',
    '# node --env-file=.env dist/main.js',
  ].join('\n');
  const blocks = settings.map(({ name, description, values, byDefault = '', whenUnset }) => {
    const told = [description];
    if (values !== undefined) told.push(`${capital(values.replaceAll('`', ''))}.`);
    if (whenUnset !== undefined) told.push(`When not set: ${whenUnset}.`);
    return [...comment(told.join(' ')), `${name}=${byDefault}`].join('\n');
  });
  return `${[head, ...blocks].join('\n\n')}\n`;
}

function comment(text: string): string[] {
  const lines = ['#'];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(`# ${word}`);
  }
  return lines;
}

/**
 * Puts a text between the marks `<!-- name -->` and `<!-- end of name -->` of a document.
 * @throws Error when the document has no such marks
 */
export function between(document: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const [from, to] = [document.indexOf(start), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The document has no "${start}" with "${end}" after it.`);
  return `${document.slice(0, from + start.length)}\n\n${text}\n\n${document.slice(to)}`;
}
