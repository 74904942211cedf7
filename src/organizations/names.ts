/** What accounts and organizations can be called. */
import { z } from 'zod';
import { TEXT_BOUNDS } from '../textBounds.js';

const { most } = TEXT_BOUNDS.name;

/** A name as people type it. Control characters would break mail headers, logs and terminals. */
export const Name = z
  .string()
  .trim()
  .min(1, 'Enter a name.')
  .max(most, `Enter a name of at most ${most} characters.`)
  .regex(/^\P{Cc}*$/u, 'Enter a name without line breaks and other control characters.')
  .regex(/^[^\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]*$/u, 'Enter a name without marks that turn text around.');

const SUFFIX = ' (personal)';

/**
 * What an account's personal organization is called at first.
 * @param accountName the account's name
 */
export function personalOrganizationName(accountName: string): string {
  const fits = accountName.length + SUFFIX.length <= most;
  return (fits ? accountName : [...accountName].slice(0, 90).join('')) + SUFFIX;
}
