/** The file that a directory is imported from and exported to. */
import { z } from 'zod';
import { isPasswordHash, passwordProblem } from '../../accounts/passwords.js';
import { Account, Email } from '../../stores/records/account.js';
import { MOST_ROLES, RoleAssignment } from '../../stores/records/role.js';
import { ChosenId } from '../chosenId.js';
import { DirectoryError } from '../directoryError.js';
import { Name } from '../names.js';
import { type JsonPath, jsonWithLines, type LineProblem } from './jsonWithLines.js';

const Password = z.string().superRefine((password, context) => {
  const message = passwordProblem(password);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

/** As it was where the directory was exported; only for what is new here. */
const Moment = z.iso.datetime({ message: 'Write it as 2026-01-31T12:00:00.000Z.' });

const DirectoryAccount = z
  .strictObject({
    id: ChosenId.exactOptional(),
    email: Email,
    name: Name,
    /** In clear. An account that has another one already keeps it, unless its address becomes verified with this import. */
    password: Password.exactOptional(),
    passwordHash: z.string().refine(isPasswordHash, 'This is no argon2id hash in PHC form.').exactOptional(),
    emailVerified: z.boolean().exactOptional(),
    /** The upstream identity that the account is linked to. */
    upstreamIssuer: Account.shape.upstreamIssuer,
    upstreamSubject: Account.shape.upstreamSubject,
    createdAt: Moment.exactOptional(),
  })
  .refine((account) => account.password === undefined || account.passwordHash === undefined, {
    path: ['passwordHash'],
    message: 'Give either "password" or "passwordHash".',
  })
  .refine((account) => (account.upstreamIssuer === undefined) === (account.upstreamSubject === undefined), {
    path: ['upstreamIssuer'],
    message: 'Give both "upstreamIssuer" and "upstreamSubject", or neither.',
  });

const DirectoryOrganization = z.strictObject({
  id: ChosenId.exactOptional(),
  name: Name,
  /** The owner's email address. */
  owner: Email,
  mcpAccess: z.boolean().exactOptional(),
  /** When the switch was moved last, and the email address of who did; without it, the operator. */
  mcpAccessChangedAt: Moment.exactOptional(),
  mcpAccessChangedBy: Email.exactOptional(),
  /** The owner's personal organization; one that is not in the file is made along with the account. */
  personal: z.boolean().exactOptional(),
  createdAt: Moment.exactOptional(),
});

const DirectoryMember = z.strictObject({
  /** An organization's id or unambiguous name. */
  organization: z.string().min(1),
  /** An account's email address. */
  account: Email,
  roles: z.array(RoleAssignment).max(MOST_ROLES),
  /** Those of the roles that claims of the upstream gave, and that go when the claims do. */
  mappedRoles: z.array(RoleAssignment).max(MOST_ROLES).exactOptional(),
  createdAt: Moment.exactOptional(),
});

/** Milliseconds since 1970 (UTC), as records have them. */
export const millisecondsOf = (moment: string | undefined): number | undefined =>
  moment === undefined ? undefined : Date.parse(moment);

export const DirectoryFile = z.strictObject({
  accounts: z.array(DirectoryAccount).default([]),
  organizations: z.array(DirectoryOrganization).default([]),
  members: z.array(DirectoryMember).default([]),
});
export type DirectoryFile = z.infer<typeof DirectoryFile>;

/** The file cannot be imported; says which lines are wrong and why. */
export class DirectoryFileError extends DirectoryError {
  readonly problems: readonly LineProblem[];
  constructor(problems: readonly LineProblem[]) {
    const sorted = problems.toSorted((a, b) => a.line - b.line);
    super('invalid', sorted.map(({ line, message }) => `Line ${line}: ${message}`).join('\n'));
    this.problems = sorted;
  }
}

/**
 * Reads the text of a directory file.
 * @param text the JSON
 * @returns its content, and the line (from 1) on which a value of it stands
 * @throws DirectoryFileError when it is no JSON or has another shape
 */
export function readDirectoryFile(text: string): { file: DirectoryFile; lineOf: (path: JsonPath) => number } {
  const json = jsonWithLines(text);
  if (!json.ok) throw new DirectoryFileError([json.problem]);
  const parsed = DirectoryFile.safeParse(json.value);
  if (parsed.success) return { file: parsed.data, lineOf: json.lineOf };
  const problems = parsed.error.issues.map((issue) => {
    const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
    const field = path.findLast((key) => typeof key === 'string');
    return { line: json.lineOf(path), message: field === undefined ? issue.message : `"${field}": ${issue.message}` };
  });
  throw new DirectoryFileError(problems);
}
