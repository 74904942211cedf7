/** Every operation of the Admin API, called by a client that has a token for it. */
import { HASH } from '../model/worlds.js';
import type { Endpoint } from './endpoint.js';
import type { Known } from './known.js';

const below = (path: string): string => `/admin/v1${path}`;
const list = (path: string, fields: Record<string, string> = {}): Endpoint => ({
  method: 'GET',
  path: below(path),
  fields: { limit: '2', ...fields },
  admin: true,
});
const get = (path: string): Endpoint => ({ method: 'GET', path: below(path), fields: {}, admin: true });
const put = (path: string, json: Record<string, unknown>): Endpoint => ({
  method: 'PUT',
  path: below(path),
  fields: {},
  json,
  admin: true,
});
const remove = (path: string, fields: Record<string, string> = {}): Endpoint => ({
  method: 'DELETE',
  path: below(path),
  fields,
  admin: true,
});

/** What is removed is what nobody else in the batch needs. */
export function adminEndpoints({ account, organization, email, spareAccount }: Known): Endpoint[] {
  const roles = [
    { role: 'insights' },
    { role: 'app-viewer', app: 'storefront' },
    { role: 'key-viewer', app: 'a', keyset: 'k' },
  ];
  return [
    list('/accounts', { email }),
    list('/accounts', { emailPrefix: email.slice(0, 1) }),
    get('/accounts/:account'),
    put('/accounts/:spareAccount', { email: `of-${spareAccount}@example.com`, name: 'Fuzz', emailVerified: true }),
    put('/accounts/:spareAccount', { email: `of-${spareAccount}@example.com`, name: 'Fuzz', password: 'a-password' }),
    put('/accounts/:spareAccount', {
      email,
      name: 'Fuzz',
      passwordHash: HASH,
    }),
    remove('/accounts/:spareAccount'),
    list('/organizations', { accountId: account }),
    list('/organizations'),
    get('/organizations/:organization'),
    put('/organizations/:organization', { name: 'Fuzz', ownerId: account }),
    put('/organizations/:spareOrganization', { name: 'Fuzz', ownerId: account }),
    remove('/organizations/:spareOrganization'),
    list('/organizations/:organization/members'),
    list('/organizations/:organization/members', { cursor: 'e30' }),
    get('/organizations/:organization/members/:member'),
    put('/organizations/:organization/members/:member', { roles }),
    put('/organizations/:organization/members/:member', { roles: [{ role: 'account-admin' }] }),
    remove('/organizations/:organization/members/:member'),
    get('/organizations/:organization/mcp-access'),
    put('/organizations/:organization/mcp-access', { enabled: true, removeConnections: false }),
    list('/connections', { accountId: account, organizationId: organization }),
    remove('/connections', { accountId: spareAccount, organizationId: organization }),
    get('/connections/:connection'),
    remove('/connections/:spareConnection'),
    list('/audit', { organizationId: organization, accountId: account, action: 'member.added' }),
    { ...get('/openapi.json'), admin: false },
    { ...get('/problems/:asset'), admin: false },
  ];
}
