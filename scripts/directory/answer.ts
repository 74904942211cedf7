/** Every command opens the stores, does one thing, says what it did and closes the stores. */
import type { Command } from 'commander';
import { marked } from '#src/plainText.js';
import { storePlaces } from '#src/storeEnvironment.js';
import { openStores } from '#src/stores/openStores.js';
import type { Actor } from '#src/stores/records/auditEvent.js';
import { type Stores, StoreUnavailableError } from '#src/stores/stores.js';
import { type Answer, say } from '../cli/command.js';

export const operator: Actor = { kind: 'operator' };

async function opened(): Promise<Stores> {
  const places = storePlaces();
  try {
    return await openStores(places);
  } catch (cause) {
    if (cause instanceof StoreUnavailableError) throw cause;
    throw new StoreUnavailableError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/**
 * Carries out a command.
 * @param command the command as it was called, for its options
 * @param action does what was asked for and returns what to say
 * @throws whatever the action throws; StoreUnavailableError when the stores cannot be opened
 */
export async function answer(command: Command, action: (stores: Stores) => Promise<Answer>): Promise<void> {
  const stores = await opened();
  try {
    stores.beginRequest();
    say(command, await action(stores));
  } finally {
    await stores.close();
  }
}

/**
 * A count with its noun.
 * @param count how many
 * @param noun in the singular; its plural ends in "s"
 */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/**
 * Rows as lines of aligned columns.
 * @param cells each row's cells
 * @param none what to say when there are no rows
 */
export function table(cells: readonly (readonly string[])[], none: string): string[] {
  if (cells.length === 0) return [none];
  const rows = cells.map((row) => row.map(marked));
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
