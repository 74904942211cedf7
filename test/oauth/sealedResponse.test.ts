import { describe, expect, test } from '@jest/globals';
import { openResponse, sealResponse } from '../../src/oauth/tokens/sealedResponse.js';

const binding = { id: 'con_1', clientId: 'client', resource: 'https://mcp.example/mcp' };
const response = { access_token: 'a', refresh_token: 'r', expires_in: 3600 };

describe('The sealed response to a refresh', () => {
  test('opens with the token that was presented, to the very same response', () => {
    expect(openResponse('token', binding, sealResponse('token', binding, response))).toEqual(response);
  });

  test.each([
    ['another token', 'other', binding],
    ['another connection', 'token', { ...binding, id: 'con_2' }],
    ['another client', 'token', { ...binding, clientId: 'other' }],
    ['another resource', 'token', { ...binding, resource: 'https://mcp.example/other' }],
  ])('does not open with %s', (_name, token, otherBinding) => {
    const sealed = sealResponse('token', binding, response);
    expect(() => openResponse(token, otherBinding, sealed)).toThrow();
  });

  test('does not open when a bit of it was changed', () => {
    const bytes = Buffer.from(sealResponse('token', binding, response), 'base64url');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    expect(() => openResponse('token', binding, bytes.toString('base64url'))).toThrow();
  });

  test('shows nothing of the tokens in it', () => {
    const sealed = Buffer.from(sealResponse('token', binding, { access_token: 'secret-value' }), 'base64url');
    expect(sealed.includes('secret-value')).toBe(false);
  });
});
