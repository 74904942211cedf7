/** ChatGPT: a metadata document that prefers private_key_jwt and offers none beside it. */
import { expect, test } from '@jest/globals';
import { request } from '../support/client.js';
import { describeRows, RESOURCE } from '../support/clientRow.js';

const CALLBACK = 'https://chatgpt.com/connector/oauth/aBcDeF123456';

const requests = {
  redirectUri: CALLBACK,
  authorize: { scope: 'mcp:read mcp:write', resource: RESOURCE },
  exchange: { resource: RESOURCE },
  refresh: { resource: RESOURCE },
  scope: 'mcp:read mcp:write',
};

describeRows(
  {
    'metadata document': {
      document: {
        path: '/oauth/aBcDeF123456/client.json',
        content: {
          application_type: 'web',
          client_name: 'ChatGPT',
          client_uri: 'https://chatgpt.com',
          redirect_uris: [CALLBACK],
          grant_types: ['authorization_code', 'refresh_token'],
          response_types: ['code'],
          token_endpoint_auth_method: 'private_key_jwt',
          token_endpoint_auth_methods_supported: ['private_key_jwt', 'none'],
          token_endpoint_auth_signing_alg: 'RS256',
          jwks_uri: 'https://chatgpt.com/oauth/jwks.json',
        },
      },
      ...requests,
    },
    'dynamic registration': {
      registration: JSON.stringify({
        client_name: 'ChatGPT',
        redirect_uris: [CALLBACK],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
      }),
      registered: { redirect_uris: [CALLBACK] },
      ...requests,
    },
  },
  (running) => {
    test('sees that the authorization response will name the issuer', async () => {
      const { json } = await request(running().server.url('/.well-known/oauth-authorization-server'));
      expect(json.authorization_response_iss_parameter_supported).toBe(true);
    });

    test('its key set is never fetched', async () => {
      const { vendor } = running();
      expect(vendor.requests('/oauth/jwks.json')).toEqual([]);
    });
  },
);
