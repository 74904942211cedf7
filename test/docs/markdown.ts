/** What a Markdown document says, as far as it can be checked. */

export interface CodeBlock {
  readonly language: string;
  readonly text: string;
  /** Its first line's number, from 1. */
  readonly line: number;
}

const FENCE = /^(\s*)```(\w*)\s*$/;

/** The fenced code blocks, and indented ones as blocks of the language `sh`. */
export function codeBlocks(document: string): CodeBlock[] {
  const blocks: { language: string; lines: string[]; line: number; fenced: boolean }[] = [];
  let fence = false;
  for (const [index, line] of document.split('\n').entries()) {
    const opened = FENCE.exec(line);
    const last = blocks.at(-1);
    if (opened) {
      if (!fence) blocks.push({ language: opened[2] ?? '', lines: [], line: index + 2, fenced: true });
      fence = !fence;
    } else if (fence) last?.lines.push(line);
    else if (/^ {4,}\S/.test(line) && !/^\s*([-*]|\d+\.) /.test(line)) {
      if (last && !last.fenced && last.line + last.lines.length === index + 1) last.lines.push(line);
      else blocks.push({ language: 'sh', lines: [line], line: index + 1, fenced: false });
    }
  }
  return blocks.map(({ language, lines, line }) => ({
    language,
    line,
    text: lines.map((one) => one.trim()).join('\n'),
  }));
}

/** The document without its fenced code blocks. */
export const prose = (document: string): string => document.replace(/^\s*```[\s\S]*?^\s*```$/gm, '');

/** Where links and images lead; pictures in HTML included. */
export const links = (document: string): string[] =>
  [...prose(document).matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)].map(
    ([, link, source]) => link ?? source ?? '',
  );

/** The anchors that headings have where the document is shown. */
export const anchors = (document: string): string[] =>
  [...prose(document).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );

/** The commands of a shell block, one a line, with continued lines joined and without comments. */
export const commandLines = (text: string): string[] =>
  text
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter(Boolean);

/** The words of a command as a shell splits them, of each command in a line with `|`, `&&` or `;`. */
export function commandsOf(line: string): string[][] {
  const tokens = line.match(/(?:[^\s"'|;&]|"(?:[^"\\]|\\.)*"|'[^']*'|&(?!&))+|\|\|?|&&|;/g) ?? [];
  const commands: string[][] = [[]];
  for (const token of tokens) {
    if (/^(\|\|?|&&|;)$/.test(token)) commands.push([]);
    else commands.at(-1)?.push(token.replace(/^(["'])(.*)\1$/s, '$2'));
  }
  return commands.filter((words) => words.length > 0);
}
