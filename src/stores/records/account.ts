/** An account: a person who signs in. */
import { z } from 'zod';
import { collection } from '../collection.js';

export const Email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .pipe(z.email('Enter an email address such as ada@example.com.'));

export const Account = z.strictObject({
  id: z.string().min(1),
  email: Email,
  emailVerified: z.boolean(),
  name: z.string().trim().min(1).max(200),
  /** argon2id in PHC form; absent when the person cannot sign in with a password. */
  passwordHash: z.string().exactOptional(),
  /** Moves on when all sessions end, at each new password for example; sessions of another one are over. Absent: 0. */
  sessionGeneration: z.int().exactOptional(),
  createdAt: z.int(),
});
export type Account = z.infer<typeof Account>;

export const accounts = collection({
  name: 'accounts',
  introspected: true,
  schema: Account,
  indexes: { byEmail: { fields: ['email'], unique: true } },
});
