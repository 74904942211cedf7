/** Ids that come from elsewhere: from an export, or from a product that has accounts and organizations of its own. */
import { z } from 'zod';

/** They stand in URLs and, joined by a colon, in the ids of memberships. */
export const ChosenId = z.string().regex(/^[\w-]{1,128}$/, 'An id consists of letters, digits, "_" and "-".');
