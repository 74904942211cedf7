/** PKCE (RFC 7636): left out, downgraded or guessed, at both endpoints. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { introspect, TestClient, tokensOf } from '../support/client.js';
import { clientRedirect, Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  server = await startServer();
  client = await TestClient.register(server);
});
afterAll(() => server?.stop());

describe('/authorize', () => {
  test.each([
    ['without code_challenge', { code_challenge: undefined, code_challenge_method: undefined }],
    ['with a method and no challenge', { code_challenge: undefined }],
    ['with an empty challenge', { code_challenge: '' }],
    ['with the method plain', { code_challenge_method: 'plain' }],
    ['without a method, which means plain', { code_challenge_method: undefined }],
    ['with an unknown method', { code_challenge_method: 'S512' }],
    ['with the method in lower case', { code_challenge_method: 's256' }],
    ['with a challenge that is too short', { code_challenge: 'a'.repeat(42) }],
    ['with a challenge that is too long', { code_challenge: 'a'.repeat(129) }],
    ['with a challenge of other characters', { code_challenge: '+'.repeat(43) }],
  ])('%s answers invalid_request by redirect', async (_what, overrides) => {
    const { url, state } = client.authorize(overrides);
    const redirect = clientRedirect(await new Person().open(url));
    expect(Object.fromEntries(redirect.searchParams)).toMatchObject({ error: 'invalid_request', state });
    expect(redirect.searchParams.has('code')).toBe(false);
  });
});

describe('/token', () => {
  test('refuses a code without the right verifier, gives no token, and leaves the code to its owner', async () => {
    const { code, verifier } = await client.code();
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const guesses = {
      'no verifier': undefined,
      'an empty one': '',
      'a wrong one': 'w'.repeat(43),
      'one that is too short': verifier.slice(0, 42),
      'one that is too long': verifier.padEnd(129, 'a'),
      'one of other characters': `${verifier.slice(0, 42)}+`,
      'the challenge itself, as with plain': challenge,
      'the challenge in hex': createHash('sha256').update(verifier).digest('hex'),
      'the right one with a space': `${verifier} `,
      'the right one in another case': verifier.toUpperCase(),
    };
    for (const [what, code_verifier] of Object.entries(guesses)) {
      const answer = await client.exchange(code, verifier, { code_verifier });
      expect(`${what}: ${answer.status} ${answer.json.error}`).toMatch(/: 400 invalid_(request|grant)$/);
      expect(answer.text).not.toMatch(/access_token|refresh_token/);
    }
    const { accessToken } = tokensOf(await client.exchange(code, verifier));
    expect((await introspect(server, accessToken)).json.active).toBe(true);
  });

  test('refuses the verifier of another authorization of the same client', async () => {
    const [one, two] = [await client.code(), await client.code()];
    expect((await client.exchange(one.code, two.verifier)).json.error).toBe('invalid_grant');
  });
});
