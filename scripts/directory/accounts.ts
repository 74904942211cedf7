/** `accounts add | list | remove | set-password | unlink` */
import type { Command } from 'commander';
import { createAccount } from '#src/accounts/createAccount.js';
import { accountByEmailOrId } from '#src/accounts/findAccount.js';
import { removeAccount } from '#src/accounts/removeAccount.js';
import { setPassword } from '#src/accounts/setPassword.js';
import { unlinkAccount } from '#src/accounts/upstream/unlinkAccount.js';
import { type Account, accounts } from '#src/stores/records/account.js';
import { withExamples } from '../cli/command.js';
import { UsageError } from '../cli/exitCodes.js';
import { answer, counted, operator, table } from './answer.js';
import { newPassword } from './passwordInput.js';

/** An account as `--json` shows it: without the hash of its password. */
const shown = ({ id, email, name, emailVerified, passwordHash, upstreamIssuer, createdAt }: Account) => ({
  id,
  email,
  name,
  emailVerified,
  hasPassword: passwordHash !== undefined,
  ...(upstreamIssuer !== undefined && { linkedTo: upstreamIssuer }),
  createdAt: new Date(createdAt).toISOString(),
});

interface AddOptions {
  email: string;
  name: string;
  emailVerified?: true;
  passwordStdin?: true;
  password: boolean;
}

async function add(options: AddOptions, command: Command): Promise<void> {
  if (!options.password && options.passwordStdin)
    throw new UsageError('Give either --password-stdin or --no-password.');
  const password = options.password ? await newPassword(options.passwordStdin ?? false) : undefined;
  const { email, name, emailVerified = false } = options;
  await answer(command, async (stores) => {
    const created = await createAccount(stores, operator, { email, name, emailVerified, password });
    const { account, organization } = created;
    const text = [`Added account ${account.email} (${account.id}) with "${organization.name}" (${organization.id}).`];
    return { text, json: { account: shown(account), personalOrganization: organization.id } };
  });
}

const list = (_options: object, command: Command): Promise<void> =>
  answer(command, async ({ durable }) => {
    const all = (await durable.list(accounts, 'byEmail', [])).map(shown);
    const rows = all.map(({ id, email, name, emailVerified, hasPassword, linkedTo }) => [
      id,
      email,
      name,
      [
        emailVerified ? 'verified' : 'unverified',
        ...(hasPassword ? [] : ['no password']),
        ...(linkedTo === undefined ? [] : [`linked to ${linkedTo}`]),
      ].join(', '),
    ]);
    return { text: table(rows, 'There are no accounts.'), json: { accounts: all } };
  });

const remove = (emailOrId: string, _options: object, command: Command): Promise<void> =>
  answer(command, async (stores) => {
    const { id } = await accountByEmailOrId(stores.durable, emailOrId);
    const { account, organizations, connections } = await removeAccount(stores, operator, id);
    const text = [
      `Removed account ${account.email} (${id}), ${counted(connections, 'active connection')} and ${counted(organizations.length, 'organization')}: ${organizations.map(({ name }) => `"${name}"`).join(', ')}.`,
    ];
    return { text, json: { removed: { account: id, organizations: organizations.map((one) => one.id), connections } } };
  });

async function changePassword(emailOrId: string, options: { passwordStdin?: true }, command: Command): Promise<void> {
  const password = await newPassword(options.passwordStdin ?? false);
  await answer(command, async (stores) => {
    const { id } = await accountByEmailOrId(stores.durable, emailOrId);
    const account = await setPassword(stores, operator, id, password);
    return { text: [`Set a new password for ${account.email}.`], json: { account: shown(account) } };
  });
}

const unlink = (emailOrId: string, _options: object, command: Command): Promise<void> =>
  answer(command, async (stores) => {
    const { id, email, upstreamIssuer } = await accountByEmailOrId(stores.durable, emailOrId);
    const account = await unlinkAccount(stores, operator, id);
    const text = upstreamIssuer
      ? `Unlinked ${email} from ${upstreamIssuer}; the next identity there with this verified address is this account. Its password, connections and memberships stay; if the address is another person's now, remove the account instead.`
      : `${email} is not linked to an upstream.`;
    return { text: [text], json: { account: shown(account) } };
  });

/** Adds the commands of accounts to the program. */
export function addAccountCommands(program: Command): void {
  const group = withExamples(
    program.command('accounts').description('people who sign in'),
    'npm run directory -- accounts list',
    'npm run directory -- accounts remove joan@example.com',
  );
  const command = (name: string, ...examples: readonly string[]): Command =>
    withExamples(group.command(name), ...examples);
  command(
    'add',
    'npm run directory -- accounts add --email joan@example.com --name "Joan Clarke"',
    'printf \'%s\' "$PASSWORD" | npm run directory -- accounts add --email joan@example.com --name Joan --password-stdin',
  )
    .description('add an account with its personal organization; asks for the password')
    .requiredOption('--email <email>')
    .requiredOption('--name <name>')
    .option('--email-verified', 'the address is known to be the person’s')
    .option('--password-stdin', 'read the password from standard input')
    .option('--no-password', 'nobody can sign in with a password')
    .action(add);
  command('list', 'npm run directory -- accounts list', 'npm run --silent directory -- accounts list --json')
    .description('list all accounts')
    .action(list);
  command('remove', 'npm run directory -- accounts remove joan@example.com')
    .description('remove an account with its memberships, connections and own organizations')
    .argument('<account>', 'email address or id')
    .action(remove);
  command('set-password', 'npm run directory -- accounts set-password joan@example.com')
    .description('set a new password; asks for it')
    .argument('<account>', 'email address or id')
    .option('--password-stdin', 'read the password from standard input')
    .action(changePassword);
  command('unlink', 'npm run directory -- accounts unlink joan@example.com')
    .description(
      'take the link to an upstream identity away and end the sign-in sessions, for the same person with another identity; password, connections and memberships stay. If the address is another person’s now, use "accounts remove"',
    )
    .argument('<account>', 'email address or id')
    .action(unlink);
}
