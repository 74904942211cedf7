/** Ids that come from elsewhere: from an export, or from a product that has accounts and organizations of its own. */
import { z } from 'zod';
import { TEXT_BOUNDS } from '../textBounds.js';

/** They stand in URLs and, joined by a colon, in the ids of memberships. */
export const ChosenId = z
  .string()
  .regex(new RegExp(`^[\\w-]{1,${TEXT_BOUNDS.chosenId.most}}$`), 'An id consists of letters, digits, "_" and "-".');
