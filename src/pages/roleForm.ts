/** Roles in a form: check boxes for those of the whole organization, rows for those of one app or keyset. */
import { z } from 'zod';
import { DirectoryError } from '../organizations/directoryError.js';
import { assignableRoles, roleOf } from '../organizations/roles.js';
import { RoleAssignment, RoleId } from '../stores/records/role.js';
import { TEXT_BOUNDS } from '../textBounds.js';
import type { MemberRolesData, ScopedRow } from './organizationViews.js';

/** So many rows are read at most; a member with more roles is changed by the operator. */
const MOST_ROWS = 100;
const { most } = TEXT_BOUNDS.roleScope;
const EMPTY: ScopedRow = { role: '', app: '', keyset: '' };

const wideRoles = assignableRoles.filter(({ scope }) => scope === 'organization');
const scopedRoles = assignableRoles.filter(({ scope }) => scope !== 'organization');

const Row = z.object({
  role: z.enum(['', ...RoleId.options], 'Choose one of the roles.'),
  app: z.string().trim().max(most, `An app or keyset id has at most ${most} characters.`),
  keyset: z.string().trim().max(most, `An app or keyset id has at most ${most} characters.`),
});

export interface ChosenRoles {
  readonly wide: ReadonlySet<string>;
  readonly rows: readonly ScopedRow[];
}

/** What a form holds, to work with and to show it again. */
export function chosenRoles(form: URLSearchParams): ChosenRoles {
  const wide = new Set(wideRoles.map(({ id }) => id).filter((id) => form.has(`role:${id}`)));
  const rows: ScopedRow[] = [];
  for (let n = 0; n < MOST_ROWS && form.has(`scoped-${n}`); n++)
    rows.push({
      role: form.get(`scoped-${n}`) ?? '',
      app: form.get(`app-${n}`) ?? '',
      keyset: form.get(`keyset-${n}`) ?? '',
    });
  return { wide, rows };
}

/** The roles that a member has, as the form shows them. */
export function shownRoles(assignments: readonly RoleAssignment[]): ChosenRoles {
  const scoped = assignments.filter(({ role }) => roleOf(role).scope !== 'organization');
  return {
    wide: new Set(assignments.map(({ role }) => role)),
    rows: scoped.map(({ role, app = '', keyset = '' }) => ({ role, app, keyset })),
  };
}

/**
 * The roles that a form means; whether one member can have them together is for the domain to say.
 * @throws DirectoryError `invalid` for a row that is no role
 */
export function assignmentsOf({ wide, rows }: ChosenRoles): RoleAssignment[] {
  const scoped = rows.flatMap((row) => {
    const parsed = Row.safeParse(row);
    if (!parsed.success) throw new DirectoryError('invalid', parsed.error.issues[0]?.message ?? 'This is no role.');
    const { role, app, keyset } = parsed.data;
    if (role !== '') return [RoleAssignment.parse({ role, ...(app && { app }), ...(keyset && { keyset }) })];
    if (app === '' && keyset === '') return [];
    throw new DirectoryError('invalid', `Choose a role for ${app ? `app "${app}"` : `keyset "${keyset}"`}.`);
  });
  return [...wideRoles.filter(({ id }) => wide.has(id)).map(({ id }) => ({ role: id })), ...scoped];
}

/** The part of the view that shows roles: always with one row to fill. */
export function rolesToChoose({ wide, rows }: ChosenRoles): Pick<MemberRolesData, 'wide' | 'scoped' | 'rows'> {
  return {
    wide: wideRoles.map(({ id, label, gives }) => ({ id, label, gives, checked: wide.has(id) })),
    scoped: scopedRoles.map(({ id, label, gives }) => ({ id, label, gives })),
    rows: [...rows.filter(({ role, app, keyset }) => role || app || keyset), EMPTY].slice(0, MOST_ROWS),
  };
}
