import { describe, expect, test } from '@jest/globals';
import { normaliseClientMetadata } from '../../src/oauth/clientMetadata.js';

const registered = (body: Record<string, unknown>): Record<string, unknown> => {
  const metadata = { ...body };
  normaliseClientMetadata(metadata, ['cursor']);
  return metadata;
};
const loopback = { redirect_uris: ['http://localhost:1234/callback'] };

describe('Registration keeps what this server uses', () => {
  test('and makes a public native client with both grants of one that says nothing', () => {
    expect(registered(loopback)).toEqual({
      redirect_uris: ['http://localhost:1234/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    });
  });

  test('and drops grant types, response types and scope that it does not know', () => {
    const client = registered({
      ...loopback,
      grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code', 'client_credentials'],
      response_types: ['code', 'token'],
      scope: 'mcp:read something',
    });
    expect(client.grant_types).toEqual(['authorization_code']);
    expect(client.response_types).toEqual(['code']);
    expect(client).not.toHaveProperty('scope');
  });

  test.each([
    ['null', null],
    ['an empty string', ''],
    ['a script', 'javascript:alert(1)'],
    ['a number', 7],
  ])('and drops a logo_uri that is %s', (_name, logo_uri) => {
    expect(registered({ ...loopback, logo_uri })).not.toHaveProperty('logo_uri');
  });

  test.each(['sector_identifier_uri', 'jwks_uri', 'jwks', 'request_uris', 'subject_type', 'post_logout_redirect_uris'])(
    'and drops %s, which would make this server fetch or trust something',
    (name) => {
      expect(registered({ ...loopback, [name]: 'https://internal.example/' })).not.toHaveProperty(name);
    },
  );

  test('a private-use scheme or a loopback address makes a client native even when it claims web', () => {
    const uris = ['cursor://anysphere.cursor-mcp/oauth/callback', 'https://www.cursor.com/agents/mcp/oauth/callback'];
    expect(registered({ redirect_uris: uris, application_type: 'web' }).application_type).toBe('native');
    expect(registered({ ...loopback, application_type: 'web' }).application_type).toBe('native');
    expect(registered({ redirect_uris: uris.slice(1), application_type: 'web' }).application_type).toBe('web');
  });

  test('a name loses control characters and marks that turn text around, and is cut at 100 characters', () => {
    expect(registered({ ...loopback, client_name: ' Cl\u202Eau\u0000de\n ' }).client_name).toBe('Clau de');
    expect(registered({ ...loopback, client_name: '🦀'.repeat(5_000) }).client_name).toBe('🦀'.repeat(100));
    expect(registered({ ...loopback, client_name: '\u200B' })).not.toHaveProperty('client_name');
  });

  test('a public client has no secret', () => {
    expect(registered({ ...loopback, client_secret: 'x' })).not.toHaveProperty('client_secret');
  });

  test('what was registered once is registered the same way again', () => {
    const once = registered({ ...loopback, client_name: 'A', logo_uri: 'https://a.example/logo.png' });
    expect(registered(once)).toEqual(once);
  });
});

describe('Registration refuses', () => {
  test.each([
    ['no redirect URI', []],
    ['eleven redirect URIs', Array.from({ length: 11 }, (_, i) => `http://localhost/${i}`)],
    ['a remote http: address', ['http://evil.example/callback']],
    ['javascript: in any case', ['JaVaScRiPt:alert(1)']],
    ['data:', ['data:text/html,x']],
    ['a fragment', ['https://client.example/cb#x']],
    ['an empty fragment', ['https://client.example/cb#']],
    ['a user name', ['https://user@client.example/cb']],
    ['a backslash', ['https://client.example\\@evil.example/']],
    ['a space', ['https://client.example/a b']],
    ['a line break', ['https://client.example/\r\nX: y']],
    ['a relative address', ['/callback']],
    ['something that is no string', [7]],
    ['no slashes before the host', ['https:client.example/cb']],
    ['three slashes before the host', ['https:///client.example/cb']],
    ['a loopback address that is written in another way', ['http://127.1/cb']],
    ['a loopback address in hexadecimal', ['http://0x7f.0.0.1/cb']],
    ['https: on a loopback address', ['https://localhost/callback']],
  ])('%s', (_name, redirect_uris) => {
    expect(() => registered({ redirect_uris })).toThrow(
      expect.objectContaining({ statusCode: 400, error_description: expect.stringContaining('redirect_uris') }),
    );
  });

  test('an authentication method that it does not support', () => {
    expect(() => registered({ ...loopback, token_endpoint_auth_method: 'tls_client_auth' })).toThrow(
      expect.objectContaining({ error_description: expect.stringContaining('token_endpoint_auth_method') }),
    );
  });
});
