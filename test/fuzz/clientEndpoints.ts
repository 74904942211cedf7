/** What clients and resource servers send. */
import { type Endpoint, get, post } from './endpoint.js';
import type { Known } from './known.js';

export function clientEndpoints({
  clientId,
  redirectUri,
  code,
  verifier,
  challenge,
  refreshToken,
  accessToken,
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
    redirect_uris: [redirectUri, 'http://[::1]/x'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    scope: 'mcp:read',
    client_uri: 'https://x.example/',
    logo_uri: 'https://x.example/l.png',
    jwks_uri: 'https://x.example/jwks',
    application_type: 'native',
    software_id: 'x',
    contacts: ['x@example.com'],
  };
  return [
    get('/authorize', authorization),
    get('/authorize', { ...authorization, ...rare }),
    get('/authorize', { ...authorization, client_id: 'https://client.invalid/metadata.json' }),
    post('/authorize', authorization),
    get('/alias/authorize', { ...authorization, iss: 'https://x.example' }),
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
    { method: 'POST', path: '/register', fields: {}, json: registration },
    { method: 'POST', path: '/alias/register', fields: {}, json: registration },
    post('/alias/token', { grant_type: 'refresh_token', client_id: clientId, refresh_token: refreshToken, resource }),
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
    get('/.well-known/openid-configuration/alias'),
    get('/health/ready'),
    get('/health/alive'),
    get('/metrics'),
  ];
}
