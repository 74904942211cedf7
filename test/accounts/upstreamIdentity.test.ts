/** Who the upstream says somebody is. */
import { expect, test } from '@jest/globals';
import { identityOf } from '../../src/accounts/upstream/identity.js';
import { momentOfAuthentication } from '../../src/accounts/upstream/momentOfAuthentication.js';

const settings = { issuer: 'https://id.example.com', emailsAreVerified: false };

test('the moment of authentication may be a fraction of a second (RFC 7519 §2, NumericDate)', () => {
  const claims = { iss: settings.issuer, sub: 'ada', auth_time: 1_700_000_000.123_456 };
  const identity = identityOf(claims, {}, settings);
  expect(momentOfAuthentication(identity, { since: 0 })).toBe(1_700_000_000_123);
});
