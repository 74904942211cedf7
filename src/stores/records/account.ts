/** An account: a person who signs in. */
import { z } from 'zod';
import { TEXT_BOUNDS } from '../../textBounds.js';
import { collection } from '../collection.js';

/** Of ASCII letters alone: Unicode folds the Kelvin sign into a k, and somebody else's address into this one. */
const smallLetters = (address: string): string => address.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

export const Email = z
  .string()
  .trim()
  .overwrite(smallLetters)
  .max(TEXT_BOUNDS.email.most)
  .pipe(z.email('Enter an email address such as ada@example.com.'));

/** With more ended one by one than so many, all of the account's sessions end. */
export const MOST_ENDED_SESSIONS = 50;

declare const verified: unique symbol;
/** True of an address that its account's person has shown to have, or that the operator vouches for. */
export type VerifiedAddress = true & { readonly [verified]: true };

export const Account = z.strictObject({
  id: z.string().min(1),
  email: Email,
  /** Becomes true in `src/accounts/holder.ts` alone, which ends what was held before. */
  emailVerified: z.boolean() as unknown as z.ZodType<VerifiedAddress | false>,
  name: z.string().trim().min(1).max(TEXT_BOUNDS.name.most),
  /** argon2id in PHC form; absent when the person cannot sign in with a password. */
  passwordHash: z.string().max(TEXT_BOUNDS.passwordHash.most).exactOptional(),
  /** Moves on when all sessions end, at each new password for example; sessions of another one are over. Absent: 0. */
  sessionGeneration: z.int().exactOptional(),
  /**
   * Sessions of this generation that were ended one by one: the hash of the id, and until when it would have lived. Noted here,
   * since the store of sessions may forget that it removed one.
   */
  endedSessions: z
    .array(z.strictObject({ hash: z.string(), until: z.int() }))
    .max(MOST_ENDED_SESSIONS)
    .exactOptional(),
  /** Whom the upstream knows as this person: the issuer and the subject of its id_tokens, both or neither. */
  upstreamIssuer: z.string().min(1).max(TEXT_BOUNDS.upstreamIssuer.most).exactOptional(),
  upstreamSubject: z.string().min(1).max(TEXT_BOUNDS.upstreamSubject.most).exactOptional(),
  /** Connections of a lower `accountEpoch` have ended; one higher each time that all of them are removed. Absent: 0. */
  connectionEpoch: z.int().exactOptional(),
  /** Invitations of a lower `inviterEpoch` have ended; one higher each time that many of the account's end at once. Absent: 0. */
  invitationEpoch: z.int().exactOptional(),
  createdAt: z.int(),
});
export type Account = z.infer<typeof Account>;

export const accounts = collection({
  name: 'accounts',
  changesCounted: () => true,
  schema: Account,
  indexes: {
    byEmail: { fields: ['email'], unique: true },
    byUpstream: { fields: ['upstreamIssuer', 'upstreamSubject'], unique: true },
  },
});
