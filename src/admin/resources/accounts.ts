/** Accounts: list, find, make, change, remove. */
import { z } from 'zod';
import { accountsByEmail } from '../../accounts/accountsByEmail.js';
import { existingAccount } from '../../accounts/findAccount.js';
import { putAccount } from '../../accounts/putAccount.js';
import { removeAccount } from '../../accounts/removeAccount.js';
import { matchingPage } from '../../stores/matchingPage.js';
import { accounts, Email } from '../../stores/records/account.js';
import { operation } from '../operation.js';
import { page } from '../page.js';
import { Account, AccountInput, AccountList, shownAccount } from '../schemas/account.js';
import { Id, nothing } from '../schemas/fields.js';
import { paging } from '../schemas/list.js';

const tag = 'Accounts';
const one = { tag, path: '/accounts/{accountId}', params: z.strictObject({ accountId: Id }), query: nothing } as const;

const Search = z
  .strictObject({
    email: Email.exactOptional().describe('Only the account with exactly this address.'),
    emailPrefix: z
      .string()
      .trim()
      .toLowerCase()
      .max(254)
      .exactOptional()
      .describe('Only accounts whose address begins like this.'),
    ...paging,
  })
  .refine(({ email, emailPrefix }) => email === undefined || emailPrefix === undefined, {
    path: ['emailPrefix'],
    message: 'Give either "email" or "emailPrefix".',
  });

export const accountOperations = [
  operation(
    {
      id: 'listAccounts',
      method: 'get',
      path: '/accounts',
      tag,
      summary: 'List accounts in the order of their email addresses, or find one by its address',
      params: nothing,
      query: Search,
      answer: AccountList,
      problems: [],
    },
    async ({ stores: { durable }, query: { email, emailPrefix = '', ...asked } }) => ({
      body: await page(
        ['accounts', email, emailPrefix],
        'string',
        asked,
        (place) =>
          email === undefined
            ? accountsByEmail(durable, emailPrefix, place)
            : matchingPage(durable, { collection: accounts, index: 'byEmail', key: [email] }, { ...place }),
        shownAccount,
      ),
    }),
  ),
  operation(
    {
      id: 'getAccount',
      method: 'get',
      ...one,
      summary: 'Read an account',
      answer: Account,
      problems: ['not-found'],
    },
    async ({ stores, params }) => ({
      body: shownAccount(await existingAccount(stores.durable, params.accountId)),
    }),
  ),
  operation(
    {
      id: 'putAccount',
      method: 'put',
      ...one,
      summary: 'Make an account under an id of your choosing, or change it',
      description:
        'A new account gets its personal organization along. The same request again changes nothing. Another password ends all sign-in sessions of the account.',
      body: AccountInput,
      answer: Account,
      creates: true,
      problems: ['conflict'],
    },
    async ({ stores, actor, params, body }) => {
      const { account, created } = await putAccount(stores, actor, params.accountId, body);
      return { created, body: shownAccount(account) };
    },
  ),
  operation(
    {
      id: 'deleteAccount',
      method: 'delete',
      ...one,
      summary: 'Remove an account with its memberships, its connections and the organizations that it alone is in',
      problems: ['not-found', 'conflict'],
    },
    async ({ stores, actor, params }) => {
      await removeAccount(stores, actor, params.accountId);
      return { body: undefined };
    },
  ),
];
