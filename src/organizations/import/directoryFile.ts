/** The file that a directory is imported from and exported to. */
import { z } from 'zod';
import { isPasswordHash, passwordProblem } from '../../accounts/passwords.js';
import { Email } from '../../stores/records/account.js';
import { MOST_ROLES, RoleAssignment } from '../../stores/records/role.js';
import { ChosenId } from '../chosenId.js';
import { DirectoryError } from '../directoryError.js';
import { Name } from '../names.js';
import { type JsonPath, jsonWithLines, type LineProblem } from './jsonWithLines.js';

const Password = z.string().superRefine((password, context) => {
  const message = passwordProblem(password);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

const DirectoryAccount = z
  .strictObject({
    id: ChosenId.exactOptional(),
    email: Email,
    name: Name,
    /** In clear; only for accounts that have no password yet. */
    password: Password.exactOptional(),
    passwordHash: z.string().refine(isPasswordHash, 'This is no argon2id hash in PHC form.').exactOptional(),
    emailVerified: z.boolean().exactOptional(),
  })
  .refine((account) => account.password === undefined || account.passwordHash === undefined, {
    path: ['passwordHash'],
    message: 'Give either "password" or "passwordHash".',
  });

const DirectoryOrganization = z.strictObject({
  id: ChosenId.exactOptional(),
  name: Name,
  /** The owner's email address. */
  owner: Email,
  mcpAccess: z.boolean().exactOptional(),
  /** The owner's personal organization; one that is not in the file is made along with the account. */
  personal: z.boolean().exactOptional(),
});

const DirectoryMember = z.strictObject({
  /** An organization's id or unambiguous name. */
  organization: z.string().min(1),
  /** An account's email address. */
  account: Email,
  roles: z.array(RoleAssignment).max(MOST_ROLES),
});

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
