/** What the start accepts about upstream sign-in. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { ConfigError, loadConfig } from '../../src/config.js';

const folder = mkdtempSync(join(tmpdir(), 'upstream-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const UPSTREAM = {
  UPSTREAM_ISSUER: 'https://login.acme.example',
  UPSTREAM_CLIENT_ID: 'this-server',
  UPSTREAM_CLIENT_SECRET: 'hidden-secret',
};
const RESOURCE = { indicator: 'http://localhost:3001/mcp', name: 'Demo', scopes: { a: 'b' }, defaultScopes: ['a'] };
const RULE = { claim: 'groups', value: 'admins', organizationId: 'org_1', role: 'account-admin' };

const load = (env: Record<string, string>, file: object = {}) => {
  const path = join(folder, 'config.json');
  writeFileSync(path, JSON.stringify({ resources: [RESOURCE], defaultResource: RESOURCE.indicator, ...file }));
  return loadConfig({ DATA_DIR: folder, CONFIG_FILE: path, ...env });
};

test('nothing is set: there is no upstream', () => {
  expect(load({}).upstream).toBeUndefined();
});

test('the three variables suffice', () => {
  expect(load(UPSTREAM).upstream).toEqual({
    issuer: 'https://login.acme.example',
    clientId: 'this-server',
    clientSecret: 'hidden-secret',
    name: 'login.acme.example',
    scopes: ['openid', 'email', 'profile'],
    emailsAreVerified: false,
    mapping: [],
  });
});

test('the configuration file says the rest', () => {
  const section = { name: 'Acme', scopes: ['openid', 'email', 'groups'], mapping: [RULE] };
  expect(load(UPSTREAM, { upstream: section, passwordSignIn: false }).upstream).toMatchObject(section);
});

test.each<[Record<string, string>, object, RegExp]>([
  [{ ...UPSTREAM, UPSTREAM_CLIENT_SECRET: '' }, {}, /^UPSTREAM_CLIENT_SECRET is missing; set all of/],
  [{ UPSTREAM_CLIENT_ID: 'a' }, {}, /^UPSTREAM_ISSUER and UPSTREAM_CLIENT_SECRET are missing/],
  [{ ...UPSTREAM, UPSTREAM_ISSUER: 'http://login.acme.example' }, {}, /^UPSTREAM_ISSUER must be an https:\/\/ URL/],
  [{ ...UPSTREAM, UPSTREAM_ISSUER: 'login.acme.example' }, {}, /^UPSTREAM_ISSUER must be the issuer/],
  [{ ...UPSTREAM, UPSTREAM_ISSUER: 'https://u:hidden@acme.example' }, {}, /^UPSTREAM_ISSUER must be the issuer/],
  [{}, { passwordSignIn: false }, /^UPSTREAM_ISSUER is not set and "passwordSignIn" is false/],
  [{}, { upstream: {} }, /^UPSTREAM_ISSUER is not set and CONFIG_FILE has a section "upstream"/],
  [UPSTREAM, { upstream: { scopes: ['email'] } }, /upstream\.scopes "openid" must be among/],
  [
    UPSTREAM,
    { upstream: { mapping: [{ ...RULE, role: 'key-admin', app: 'a' }] } },
    /mapping\.0\.role is not possible: .*keyset/,
  ],
  [UPSTREAM, { upstream: { mapping: [{ ...RULE, role: 'account-owner' }] } }, /upstream\.mapping\.0\.role/],
])('%j with %j is refused by name and without secrets', (env, file, message) => {
  expect(() => load(env, file)).toThrow(ConfigError);
  expect(() => load(env, file)).toThrow(message);
  expect(() => load(env, file)).not.toThrow(/hidden/);
});

test('plain http is accepted on this machine alone', () => {
  for (const host of ['localhost:4000', '127.0.0.1:4000', '[::1]:4000'])
    expect(load({ ...UPSTREAM, UPSTREAM_ISSUER: `http://${host}` }).upstream?.name).toBe(host);
});
