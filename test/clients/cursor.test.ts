/** Cursor: registers three redirect URIs of three kinds at once, and always uses the first. */
import { expect, test } from '@jest/globals';
import { request } from '../support/client.js';
import { describeRows, RESOURCE, type Row, registerWith } from '../support/clientRow.js';

const CALLBACK = 'cursor://anysphere.cursor-mcp/oauth/callback';

const registration = (more: object) => ({
  registration: JSON.stringify({
    client_name: 'Cursor',
    redirect_uris: [CALLBACK, 'https://www.cursor.com/agents/mcp/oauth/callback', 'http://localhost:8787/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    logo_uri: 'https://www.cursor.com/favicon.ico',
    ...more,
  }),
  registered: {
    redirect_uris: [CALLBACK, 'https://www.cursor.com/agents/mcp/oauth/callback', 'http://localhost:8787/callback'],
    application_type: 'native',
  },
});

const requests = {
  redirectUri: CALLBACK,
  authorize: {
    scope: 'mcp:read mcp:write',
    resource: RESOURCE,
    state: Buffer.from(JSON.stringify({ id: 'user-demo', returnTo: '/settings?tab=mcp&x=1', nonce: 'ü+/=' })).toString(
      'base64',
    ),
  },
  exchange: { resource: RESOURCE },
  refresh: { resource: RESOURCE },
  scope: 'mcp:read mcp:write',
};

describeRows(
  {
    'without application_type': { ...registration({}), ...requests },
    'claiming to be a web client': { ...registration({ application_type: 'web' }), ...requests },
    'from the web, with the same registration': {
      ...registration({}),
      ...requests,
      redirectUri: 'https://www.cursor.com/agents/mcp/oauth/callback',
    },
    'from its command line, on another port': {
      ...registration({}),
      ...requests,
      redirectUri: 'http://localhost:8788/callback',
    },
  } satisfies Record<string, Row>,
  (running) => {
    test('the consent page posts to this server alone, from which a page leads on to its scheme', async () => {
      const { server, person } = running();
      const { json } = await registerWith(server, registration({}).registration);
      const query = new URLSearchParams({
        response_type: 'code',
        client_id: String(json.client_id),
        redirect_uri: CALLBACK,
        code_challenge: 'x'.repeat(43),
        code_challenge_method: 'S256',
      });
      const consent = await person.openConsent(`${server.url('/authorize')}?${query}`);
      expect(consent.headers.get('content-security-policy')).toMatch(/form-action 'self'(;|$)/);
      const after = await person.decide(consent, 'Acme Robotics');
      expect(after.headers.get('refresh')?.startsWith(`0; url=${CALLBACK}`)).toBe(true);
    });

    test('its logo is never fetched or shown', async () => {
      const { vendor, server, person } = running();
      const logo = vendor.url('/logo.png');
      const { json } = await registerWith(server, registration({ logo_uri: logo }).registration);
      const query = `response_type=code&client_id=${json.client_id}&code_challenge=${'x'.repeat(43)}&code_challenge_method=S256`;
      const consent = await person.openConsent(
        `${server.url('/authorize')}?${query}&redirect_uri=${encodeURIComponent(CALLBACK)}`,
      );
      expect(consent.html.querySelector('button[value=approve]')).not.toBeNull();
      expect(consent.html.toString()).not.toContain('logo.png');
      expect(vendor.requests('/logo.png')).toEqual([]);
    });

    test('registers without CIMD being looked at: the endpoint is advertised', async () => {
      const { server } = running();
      const { json } = await request(server.url('/.well-known/oauth-authorization-server'));
      expect(json.registration_endpoint).toBe(server.url('/register'));
    });
  },
);
