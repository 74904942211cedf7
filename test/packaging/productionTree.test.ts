/** The production tree, made as the Dockerfile makes it and started as its container would be, on two versions of Node.js. */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../support/childServer.js';
import { basic, form, request } from '../support/client.js';
import { type Major, nodeOf } from '../support/nodeVersions.js';
import { signInAndConsent } from '../support/person.js';
import { type Container, startContainer } from './container.js';
import { build } from './dockerfile.js';

const SECRET = randomBytes(32).toString('base64url');
const REDIRECT_URI = 'http://127.0.0.1:8765/callback';
const RESOURCE = 'https://mcp.example.com/mcp';

let folder: string;
let app: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'image-'));
  execFileSync('chmod', ['755', folder]);
  await build(folder);
  app = join(folder, 'final');
  const example = await readFile('config/production.example.json', 'utf8');
  const hash = createHash('sha256').update(SECRET).digest('hex');
  await writeFile(join(folder, 'config.json'), example.replace(/(?<=sha256:)0{64}/, hash));
}, 120_000);
afterAll(async () => {
  execFileSync('chmod', ['-R', 'u+w', folder]);
  await rm(folder, { recursive: true });
});

test('the production tree holds no development dependency and less than 120 packages', async () => {
  const { packages } = JSON.parse(await readFile(join(app, 'node_modules/.package-lock.json'), 'utf8'));
  expect(Object.values<{ dev?: true }>(packages).filter(({ dev }) => dev)).toEqual([]);
  expect(Object.keys(packages).length).toBeLessThan(120);
  expect(await readdir(app)).toEqual(
    expect.arrayContaining(['config', 'dist', 'node_modules', 'package.json', 'views']),
  );
});

describe.each<Major>([20, 24])('on Node.js %i, as another user in a read-only folder', (major) => {
  let container: Container;
  let issuer: string;
  let listed: string;
  beforeAll(async () => {
    const port = await freePort();
    issuer = `http://localhost:${port}`;
    const node = await nodeOf(major);
    expect(execFileSync(node, ['--version'], { encoding: 'utf8' })).toMatch(new RegExp(`^v${major}\\.`));
    container = await startContainer(app, node, {
      ISSUER: issuer,
      PORT: `${port}`,
      HOST: '0.0.0.0',
      COOKIE_KEYS: randomBytes(32).toString('base64'),
      ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      CONFIG_FILE: join(folder, 'config.json'),
    });
    listed = container.listing();
  }, 60_000);
  afterAll(() => container?.stop());

  test('answers health and discovery', async () => {
    expect((await request(`${issuer}/health/ready`)).json).toMatchObject({ status: 'ready' });
    const metadata = await request(`${issuer}/.well-known/oauth-authorization-server`);
    expect(metadata.json).toMatchObject({ issuer, token_endpoint: `${issuer}/token` });
  });

  test('connects a client for an account that the command line brought in, and introspects its token', async () => {
    const imported = await container.run('dist/scripts/directory.js', 'import', 'config/demo-directory.json');
    expect(imported).toContain('accounts: 3 added');
    const registered = await request(`${issuer}/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: 'none' }),
    });
    const client_id = String(registered.json.client_id);
    const code_verifier = randomBytes(32).toString('base64url');
    const code_challenge = createHash('sha256').update(code_verifier).digest('base64url');
    const asked = { response_type: 'code', client_id, redirect_uri: REDIRECT_URI, resource: RESOURCE };
    const query = form({ ...asked, code_challenge, code_challenge_method: 'S256' });
    const code = (await signInAndConsent(`${issuer}/authorize?${query}`)).searchParams.get('code') ?? '';
    const grant = { grant_type: 'authorization_code', code, client_id, redirect_uri: REDIRECT_URI, code_verifier };
    const { json } = await request(`${issuer}/token`, { method: 'POST', body: form(grant) });
    const introspected = await request(`${issuer}/introspect`, {
      method: 'POST',
      headers: basic('example-mcp-server', SECRET),
      body: form({ token: String(json.access_token) }),
    });
    expect(introspected.json).toMatchObject({ active: true, aud: RESOURCE, org_name: 'Acme Robotics' });
  });

  test('could not write beside DATA_DIR and did not, and ends with 0 when it is told to', async () => {
    const write = "require('node:fs').writeFileSync('dist/more.js', '')";
    await expect(container.run('--eval', write)).rejects.toThrow('EACCES');
    expect(container.listing()).toBe(listed);
    expect(await container.stop()).toBe(0);
  });
});
