/** The accounts of the demo directory, for those who try the server. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { accountByEmail } from '../accounts/findAccount.js';
import { verifyPassword } from '../accounts/passwords.js';
import type { Stores } from '../stores/stores.js';
import { demoDirectory } from './seedDemoDirectory.js';

const Accounts = z.object({ accounts: z.array(z.object({ email: z.string(), password: z.string() })) });

/** Those demo accounts that exist in the directory and still have their public password. */
export async function demoAccounts(stores: Stores): Promise<{ email: string; password: string }[]> {
  const { accounts } = Accounts.parse(JSON.parse(await readFile(demoDirectory, 'utf8')));
  const usable = await Promise.all(
    accounts.map(async ({ email, password }) => {
      const account = await accountByEmail(stores.durable, email);
      return account !== undefined && (await verifyPassword(account.passwordHash, password));
    }),
  );
  return accounts.filter((_, i) => usable[i]);
}
