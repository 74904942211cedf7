/** The result of a comparison as a table in Markdown, and as it was measured. */
import type { Answer } from '../../cli/command.js';
import type { Result } from './rounds.js';
import type { Measured } from './turn.js';

/** Against whom a contestant is compared. */
export interface Compared extends Result {
  readonly heading: string;
  /** The contestants whose speed is the measure of the others. */
  readonly against: readonly string[];
  /** How many undisturbed rounds were wanted. */
  readonly rounds: number;
}

/** The middle one; of an even number the upper. */
export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const columns: readonly (readonly [string, (measured: Measured) => number, number])[] = [
  ['requests/s', ({ perSecond }) => perSecond, 0],
  ['p50 ms', ({ p50 }) => p50, 1],
  ['p99 ms', ({ p99 }) => p99, 1],
  ['CPU µs', ({ processorTime }) => processorTime, 1],
  ['core used', ({ busy }) => busy, 2],
  ['RssAnon MB', ({ memory }) => memory, 0],
];

/** Round by round, since a machine is not equally fast in all of them. */
const ratiosOf = (
  these: readonly Measured[] = [],
  those: readonly Measured[] = [],
  of: (measured: Measured) => number,
): number[] => these.flatMap((one, n) => (those[n] ? [of(one) / of(those[n])] : []));

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** The table and what was measured; without enough undisturbed rounds the table has no ratios and says so. */
export function table({ heading, complete, measured, against, rounds }: Compared): Answer {
  const ratios = against.flatMap((other) => [`requests/s ÷ ${other}`, `CPU ÷ ${other}`]);
  const middle = (name: string, of: (result: Measured) => number): number => median((measured.get(name) ?? []).map(of));
  const lines = [...measured.keys()].map((name) => {
    const values = columns.map(([, of, digits]) => middle(name, of).toFixed(digits));
    const compared = against.flatMap((other) =>
      [(result: Measured) => result.perSecond, (result: Measured) => result.processorTime].map((of) =>
        complete ? median(ratiosOf(measured.get(name), measured.get(other), of)).toFixed(2) : 'disturbed',
      ),
    );
    return row([name, ...values, ...compared]);
  });
  const head = [heading, ...columns.map(([name]) => name), ...ratios];
  const note = complete
    ? `Medians of ${rounds} rounds that nothing else disturbed.`
    : `Other load disturbed too many rounds, so there are no ratios, and the numbers are of the disturbed rounds. Run it again when the machine is idle.`;
  return {
    text: [row(head), row(head.map((_, n) => (n === 0 ? '---' : '---:'))), ...lines, '', note, ''],
    json: { undisturbed: complete, rounds: Object.fromEntries(measured) },
  };
}
