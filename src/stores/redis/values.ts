/** How a value lies in Redis: as JSON text that begins with its group, if it has one. */

export interface Kept<T = unknown> {
  readonly group?: string | undefined;
  readonly expiresAt: number;
  readonly value: T;
}

/** The text of a value. */
export const writeKept = ({ group, expiresAt, value }: Kept): string => JSON.stringify({ group, expiresAt, value });

/** The value of a text; a fresh object each time. */
export const readKept = <T>(text: string): Kept<T> => JSON.parse(text) as Kept<T>;

/** How the text of every value of this group begins, and of no other. */
export const groupPrefix = (group: string): string => `{"group":${JSON.stringify(group)},`;

/** Whether a value exists at this moment (milliseconds since 1970). */
export const isLive = ({ expiresAt }: Kept, now: number): boolean => expiresAt > now;
