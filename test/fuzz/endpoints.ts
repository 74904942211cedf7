/** Every endpoint and form of the server, with what belongs into it. */
import type { Known } from './known.js';

export interface Endpoint {
  readonly method: 'GET' | 'POST';
  /** Path segments; those that start with a colon are filled in. */
  readonly path: string;
  /** Parameters of the query, or of the body of a POST. */
  readonly fields: Readonly<Record<string, string>>;
  readonly format?: 'json';
}

const get = (path: string, fields: Record<string, string> = {}): Endpoint => ({ method: 'GET', path, fields });
const post = (path: string, fields: Record<string, string> = {}): Endpoint => ({ method: 'POST', path, fields });

/** @param known what the attacker has got hold of */
export const endpoints = (known: Known): readonly Endpoint[] => [
  ...clientEndpoints(known),
  ...personEndpoints(known),
  ...organizationEndpoints(known),
  ...adminEndpoints(known),
];

function clientEndpoints({
  clientId,
  redirectUri,
  code,
  verifier,
  challenge,
  refreshToken,
  accessToken,
  uid,
}: Known): Endpoint[] {
  const resource = 'http://localhost:3001/mcp';
  const authorization = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    resource,
    scope: 'mcp:read openid',
    state: 'state',
  };
  const rare = {
    response_mode: 'query',
    prompt: 'login',
    max_age: '60',
    nonce: 'n',
    claims: '{}',
    request: 'e30.e30.',
    request_uri: 'https://x.example/r',
    id_token_hint: 'e30.e30.e30',
    login_hint: 'ada@example.com',
    ui_locales: 'de',
    acr_values: '0',
  };
  const registration = {
    client_name: 'Fuzz',
    redirect_uris: redirectUri,
    grant_types: 'authorization_code',
    response_types: 'code',
    token_endpoint_auth_method: 'none',
    scope: 'mcp:read',
    client_uri: 'https://x.example/',
    logo_uri: 'https://x.example/l.png',
    jwks_uri: 'https://x.example/jwks',
    application_type: 'native',
    software_id: 'x',
    contacts: 'x@example.com',
  };
  return [
    get('/authorize', authorization),
    get('/authorize', { ...authorization, ...rare }),
    get('/authorize', { ...authorization, client_id: 'https://client.invalid/metadata.json' }),
    post('/authorize', authorization),
    get('/authorize/:uid'),
    post('/token', {
      grant_type: 'authorization_code',
      client_id: clientId,
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      resource,
    }),
    post('/token', {
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: refreshToken,
      scope: 'mcp:read',
      resource,
    }),
    post('/token', {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      client_id: 'demo-mcp-server',
      client_secret: 'demo-mcp-server-secret',
      subject_token: accessToken,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      resource,
    }),
    { ...post('/register', registration), format: 'json' },
    post('/introspect', { token: accessToken, token_type_hint: 'access_token' }),
    post('/introspect', { token: refreshToken, client_id: 'demo-mcp-server', client_secret: 'demo-mcp-server-secret' }),
    // Tokens of other lengths and shapes, so that the honest one lives on.
    post('/revoke', { token: `${accessToken}x`, client_id: clientId }),
    post('/revoke', { token: 'e30.e30.e30', client_id: clientId, token_type_hint: 'refresh_token' }),
    get('/userinfo', { access_token: accessToken }),
    post('/userinfo', { access_token: accessToken }),
    get('/jwks'),
    get('/.well-known/oauth-authorization-server'),
    get('/.well-known/openid-configuration'),
    get('/interaction/:uid'),
    post('/interaction/:uid', { decision: 'approve', organization_id: 'org_x' }),
    post('/interaction/:uid', { decision: 'deny', organization_id: uid }),
    post('/interaction/:uid/switch-account'),
    get('/health/ready'),
    get('/health/alive'),
    get('/metrics'),
  ];
}

function personEndpoints({ organization, email }: Known): Endpoint[] {
  return [
    get('/'),
    get('/login', { return_to: '/account', again: '1', password: 'changed' }),
    post('/login', { email, password: 'wrong', return_to: '/account/connections' }),
    post('/logout'),
    get('/logout'),
    get('/account'),
    post('/account/name', { name: 'Ada Lovelace' }),
    post('/account/password', { current_password: 'wrong', new_password: 'another-password' }),
    post('/account/sessions/end', { session: 'x' }),
    post('/account/sessions/end-others'),
    post('/account/organization', {
      organization_id: organization,
      return_to: `/organizations/${organization}/members`,
    }),
    get('/account/connections', { text: 'x', organization, client: 'x', after: '1795000000000.con_x' }),
    get('/account/connections/:connection/remove'),
    post('/account/connections/:connection/remove'),
    get('/organizations/new'),
    post('/organizations/new', { name: 'Fuzz' }),
    get('/invitations/:invitation'),
    post('/invitations/:invitation', { name: 'New', password: 'short' }),
    post('/invitations/:invitation/switch-account'),
    get('/invitations/accepted', { organization }),
    get('/password/forgotten', { sent: '' }),
    post('/password/forgotten', { email }),
    get('/password/reset/:invitation'),
    post('/password/reset/:invitation', { new_password: 'another-password' }),
    get('/assets/:asset', { v: 'x' }),
    get('/nothing/:asset'),
  ];
}

function organizationEndpoints({ account }: Known): Endpoint[] {
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
    get(below('/members/:account/roles')),
    post(below('/members/:account/roles'), { ...roles, more: '1' }),
    get(below('/members/:account/remove')),
    post(below('/members/:asset/remove'), { account }),
    post(below('/members/invitations/:invitation/resend')),
    get(below('/members/invitations/:invitation/withdraw')),
    post(below('/members/invitations/:invitation/withdraw')),
    get(below('/connections'), { member: account, client: 'x', text: 'x', after: '1795000000000.con_x' }),
    get(below('/connections/:connection/remove')),
    post(below('/connections/:connection/remove')),
    get(below('/connections/remove'), { member: account, client: 'x' }),
    post(below('/connections/remove'), { client: 'x' }),
    get(below('/audit'), { action: 'member.added', after: 'x.y', from: '2026-01-01', until: '2026-13-01' }),
    get(below('/audit.json'), { after: 'x' }),
    get(below('/audit.csv')),
  ];
}

/** The Admin API and upstream sign-in, as somebody finds them who may use neither. */
function adminEndpoints({ account, email }: Known): Endpoint[] {
  const below = (path: string) => `/admin/v1${path}`;
  const json = (path: string, fields: Record<string, string>): Endpoint => ({
    ...post(below(path), fields),
    format: 'json',
  });
  return [
    get('/login/upstream', { return_to: '/account' }),
    get('/login/upstream/callback', { code: 'x', state: 'x', iss: 'https://x.example', error: 'access_denied' }),
    get(below('/openapi.json')),
    get(below('/problems/:asset')),
    get(below('/accounts'), { email, limit: '10', cursor: 'x' }),
    get(below('/accounts/:account')),
    json('/accounts', { email, name: 'Fuzz' }),
    get(below('/organizations/:organization')),
    json('/organizations', { name: 'Fuzz', ownerId: account }),
    get(below('/organizations/:organization/members'), { limit: '-1' }),
    get(below('/connections'), { account, organization: 'x', cursor: 'x' }),
    get(below('/audit-events'), { after: 'x' }),
  ];
}
