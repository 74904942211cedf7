/** What accounts and organizations can be called. */
import { z } from 'zod';
import { isPlain, NOT_PLAIN } from '../plainText.js';
import { TEXT_BOUNDS } from '../textBounds.js';

const { most } = TEXT_BOUNDS.name;

/** A name as people type it. */
export const Name = z
  .string()
  .trim()
  .min(1, 'Enter a name.')
  .max(most, `Enter a name of at most ${most} characters.`)
  .refine(isPlain, `Enter a name without ${NOT_PLAIN}.`);

const SUFFIX = ' (personal)';

/**
 * What an account's personal organization is called at first.
 * @param accountName the account's name
 */
export function personalOrganizationName(accountName: string): string {
  const fits = accountName.length + SUFFIX.length <= most;
  return (fits ? accountName : [...accountName].slice(0, 90).join('')) + SUFFIX;
}
