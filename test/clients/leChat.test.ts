/** Mistral Le Chat: registers for HTTP Basic, with PKCE, and does not name itself in the body. */
import { expect } from '@jest/globals';
import { describeRows, RESOURCE, type Row } from '../support/clientRow.js';

const CALLBACK = 'https://callback.mistral.ai/v1/integrations_auth/oauth2_callback';

const registration = (more: object): string =>
  JSON.stringify({
    client_name: 'Le Chat',
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    ...more,
  });

const row = {
  registration: registration({ token_endpoint_auth_method: 'client_secret_basic' }),
  registered: { token_endpoint_auth_method: 'client_secret_basic', client_secret: expect.any(String) },
  redirectUri: CALLBACK,
  authorize: { resource: RESOURCE },
  exchange: { client_id: undefined },
  refresh: { client_id: undefined },
  scope: 'mcp:read mcp:write',
};

describeRows({
  'HTTP Basic, without client_id in the body': row,
  'where it names no method': { ...row, registration: registration({}) },
} satisfies Record<string, Row>);
