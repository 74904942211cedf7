/** The audit log in words: what each action is called, and what an event says beside it. */
import type { LoggedEvent } from '../organizations/auditLog.js';
import type { AuditAction } from '../stores/records/auditEvent.js';
import { counted } from './format.js';

/** What each action is called. */
export const ACTION_WORDS: Readonly<Record<AuditAction, string>> = {
  'account.created': 'Account created',
  'account.changed': 'Account changed',
  'account.removed': 'Account removed',
  'account.password-set': 'Password set',
  'account.sessions-ended': 'Signed out everywhere else',
  'account.linked': 'Linked to an upstream identity',
  'account.unlinked': 'Link to the upstream removed',
  'organization.created': 'Organization created',
  'organization.renamed': 'Organization renamed',
  'organization.removed': 'Organization removed',
  'organization.mcp-access-on': 'MCP access switched on',
  'organization.mcp-access-off': 'MCP access switched off',
  'organization.mcp-access-refused': 'Moving the switch refused',
  'member.added': 'Member added',
  'member.roles-changed': 'Roles changed',
  'member.removed': 'Member removed',
  'member.change-refused': 'Changing members refused',
  'invitation.created': 'Member invited',
  'invitation.renewed': 'Invitation renewed',
  'invitation.withdrawn': 'Invitation withdrawn',
  'invitation.accepted': 'Invitation accepted',
  'invitation.refused': 'Accepting an invitation refused',
  'connection.consented': 'Consent given',
  'connection.consent-refused': 'Consent refused',
  'connection.removed': 'Connection removed',
  'connection.removal-refused': 'Removing connections refused',
  'connection.code-reused': 'Code used twice, connection removed',
  'connection.refresh-token-reused': 'Refresh token used again, connection removed',
  'connection.refresh-token-repeated': 'Refresh token repeated at once, same answer given',
};

/** The actions that a log can be narrowed to, in groups. */
export const ACTION_GROUPS: readonly { label: string; actions: readonly AuditAction[] }[] = [
  {
    label: 'Connections',
    actions: [
      'connection.consented',
      'connection.removed',
      'connection.code-reused',
      'connection.refresh-token-reused',
      'connection.refresh-token-repeated',
    ],
  },
  {
    label: 'Organization',
    actions: [
      'organization.mcp-access-on',
      'organization.mcp-access-off',
      'organization.created',
      'organization.renamed',
    ],
  },
  { label: 'Members', actions: ['member.added', 'member.roles-changed', 'member.removed'] },
  {
    label: 'Invitations',
    actions: ['invitation.created', 'invitation.renewed', 'invitation.withdrawn', 'invitation.accepted'],
  },
  {
    label: 'Refused attempts',
    actions: [
      'connection.consent-refused',
      'connection.removal-refused',
      'organization.mcp-access-refused',
      'member.change-refused',
      'invitation.refused',
    ],
  },
];

/** Whether an action is an attempt that was refused. */
export const isRefusal = (action: AuditAction): boolean => action.endsWith('-refused') || action.endsWith('.refused');

const REASONS: Readonly<Record<string, string>> = {
  'mcp-access-off': 'MCP access is off',
  'not-a-member': 'not a member',
};

/** What an event says beside its action: whom and what it is about. */
export function detailsOf({ event, actor, account }: LoggedEvent): string {
  const {
    client,
    connections,
    invitations,
    members,
    connectionsRemoved,
    email,
    more,
    roles,
    before,
    name,
    reason,
    by,
    firstUsedFrom,
  } = event.details ?? {};
  const about = account && account.id !== actor?.id ? account.name : undefined;
  const affected =
    typeof connections === 'number'
      ? `${more === true ? 'more than ' : ''}${counted(connections, 'active connection')}`
      : undefined;
  const parts = [
    about,
    email === account?.email && about ? undefined : email,
    name,
    client,
    before === undefined ? roles : `${before} → ${roles}`,
    affected && (typeof members === 'number' ? `${affected} of ${counted(members, 'member')}` : affected),
    typeof invitations === 'number' ? counted(invitations, 'invitation') : undefined,
    firstUsedFrom === undefined ? undefined : `first used from ${firstUsedFrom}`,
    by,
    connectionsRemoved === true ? 'removed as well' : undefined,
    typeof reason === 'string' ? (REASONS[reason] ?? reason) : undefined,
  ];
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}
