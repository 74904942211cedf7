/** JSON that remembers on which line each of its values stands. */
import { type DocumentNode, evaluate, iterator, type ObjectNode, parse, type ValueNode } from '@humanwhocodes/momoa';

/** A place in a file and what is wrong there. */
export interface LineProblem {
  /** Counted from 1. */
  readonly line: number;
  readonly message: string;
}

export type JsonPath = readonly PropertyKey[];

export type JsonWithLines =
  | { readonly ok: true; readonly value: unknown; lineOf(path: JsonPath): number }
  | { readonly ok: false; readonly problem: LineProblem };

/** Of a key that stands twice the JSON standard would silently take one of the values. */
function repeatedKey(document: DocumentNode): LineProblem | undefined {
  for (const { node, phase } of iterator(document)) {
    if (phase !== 'enter' || node.type !== 'Object') continue;
    const seen = new Set<string>();
    for (const { name } of (node as ObjectNode).members) {
      const key = name.type === 'String' ? name.value : name.name;
      if (seen.has(key)) return { line: name.loc.start.line, message: `"${key}" stands here for the second time.` };
      seen.add(key);
    }
  }
  return undefined;
}

function child(node: ValueNode, key: PropertyKey): { line: number; value: ValueNode } | undefined {
  if (node.type === 'Array' && typeof key === 'number') {
    const value = node.elements[key]?.value;
    return value && { line: value.loc.start.line, value };
  }
  if (node.type !== 'Object') return undefined;
  const member = node.members.find(({ name }) => (name.type === 'String' ? name.value : name.name) === key);
  return member && { line: member.name.loc.start.line, value: member.value };
}

/** The line of a value; where the path leads nowhere, the line of the last thing on it that is there. */
function lineOf(document: DocumentNode, path: JsonPath): number {
  let value = document.body;
  let line = value.loc.start.line;
  for (const key of path) {
    const next = child(value, key);
    if (next === undefined) break;
    ({ line, value } = next);
  }
  return line;
}

/**
 * Parses JSON.
 * @param text the whole text of the file
 * @returns the value with a function that gives the line (from 1) of a path such as `['members', 3, 'roles']`, or what
 *   is wrong with the text
 */
export function jsonWithLines(text: string): JsonWithLines {
  try {
    const document = parse(text.replace(/^\uFEFF/, ''), { mode: 'json' });
    const problem = repeatedKey(document);
    if (problem) return { ok: false, problem };
    return { ok: true, value: evaluate(document), lineOf: (path) => lineOf(document, path) };
  } catch (error) {
    const { line, column } = error as { line?: number; column?: number };
    const message = column === undefined ? 'This is not JSON.' : `This is not JSON; look around column ${column}.`;
    return { ok: false, problem: { line: line ?? 1, message } };
  }
}
