/** The pages and forms of an organization, which its owner may use. */
import { type Endpoint, get, post } from './endpoint.js';
import type { Known } from './known.js';

export function organizationEndpoints({ account }: Known): Endpoint[] {
  const roles = { 'role:insights': 'on', 'scoped-0': 'app-viewer', 'app-0': 'storefront', 'keyset-0': '' };
  const below = (path: string) => `/organizations/:organization${path}`;
  return [
    get(below('')),
    get(below('/settings'), { 'mcp-access': 'on' }),
    get(below('/settings/mcp-access')),
    post(below('/settings/mcp-access'), { mcp_access: 'on', remove_connections: 'on' }),
    get(below('/members'), { text: 'a', after: 'x.y', done: 'link' }),
    get(below('/members/add')),
    post(below('/members/add'), { email: 'guest@example.com', ...roles }),
    get(below('/members/:member/roles')),
    post(below('/members/:member/roles'), roles),
    post(below('/members/:member/roles'), { ...roles, more: '1' }),
    get(below('/members/:member/remove')),
    post(below('/members/:member/remove')),
    post(below('/members/:asset/remove'), { account }),
    post(below('/members/invitations/:invitationId/resend')),
    get(below('/members/invitations/:invitationId/withdraw')),
    post(below('/members/invitations/:asset/withdraw')),
    get(below('/connections'), { member: account, client: 'x', text: 'x', after: '1795000000000.con_x' }),
    get(below('/connections/:connection/remove')),
    post(below('/connections/:asset/remove')),
    get(below('/connections/remove'), { member: account, client: 'x' }),
    post(below('/connections/remove'), { client: 'x' }),
    get(below('/audit'), { action: 'member.added', after: 'x.y', from: '2026-01-01', until: '2026-13-01' }),
    get(below('/audit.json'), { after: 'x' }),
  ];
}
