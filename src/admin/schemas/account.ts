/** Accounts as the Admin API takes and shows them. */
import { z } from 'zod';
import { isPasswordHash } from '../../accounts/passwords.js';
import { Name } from '../../organizations/names.js';
import { Email, type Account as StoredAccount } from '../../stores/records/account.js';
import { Id, Moment, momentOf } from './fields.js';
import { listOf } from './list.js';
import { named } from './named.js';

export const AccountInput = named(
  'AccountInput',
  z
    .strictObject({
      email: Email.describe('Unique among accounts; stored in lower case.'),
      name: Name,
      emailVerified: z
        .boolean()
        .exactOptional()
        .describe('When left out it stays as it is, and is false for a new account or address.'),
      password: z
        .string()
        .max(1_024)
        .exactOptional()
        .describe('In clear, at least 8 characters. When left out the password stays as it is.'),
      passwordHash: z
        .string()
        .max(1_024)
        .refine(isPasswordHash, 'This is no argon2id hash in PHC form.')
        .exactOptional()
        .describe('An argon2id hash in PHC form, in place of `password`.'),
    })
    .refine((account) => account.password === undefined || account.passwordHash === undefined, {
      path: ['passwordHash'],
      message: 'Give either "password" or "passwordHash".',
    }),
);

export const Account = named(
  'Account',
  z.strictObject({
    id: Id,
    email: z.email(),
    emailVerified: z.boolean(),
    name: z.string(),
    hasPassword: z.boolean().describe('Whether the person can sign in with a password.'),
    createdAt: Moment,
  }),
);
export type Account = z.infer<typeof Account>;

export const AccountList = listOf('AccountList', Account);

/** An account as it is shown: no password and no hash. */
export const shownAccount = ({ id, email, emailVerified, name, passwordHash, createdAt }: StoredAccount): Account => ({
  id,
  email,
  emailVerified,
  name,
  hasPassword: passwordHash !== undefined,
  createdAt: momentOf(createdAt),
});
