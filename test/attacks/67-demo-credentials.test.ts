/** A server that others can reach never starts with credentials that stand in this project's own documents. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config.js';
import { type ChildServer, freePort, startChild } from '../support/childServer.js';
import { runCommand } from '../support/command.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import type { TestServer } from '../support/server.js';

const DEMO_SECRET = 'demo-mcp-server-secret';
const OWN_SECRET = 'a-secret-of-at-least-32-characters-of-our-own';
const KEYS = { COOKIE_KEYS: 'c'.repeat(32), ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64') };
const PUBLIC = [
  'https://auth.example.com',
  'https://auth.example.com/oauth',
  'http://auth.example.com',
  'http://10.0.0.1:3000',
  'https://localhost.example.com',
];
const HERE = [
  'http://localhost:3000',
  'https://localhost',
  'http://127.0.0.1:3000',
  'http://[::1]:3000',
  'http://auth.localhost:3000',
];

const hashed = (encoding: 'hex' | 'base64' | 'base64url'): string =>
  `sha256:${createHash('sha256').update(DEMO_SECRET).digest(encoding)}`;

let folder: string;
let demo: { resourceServers: { clientSecrets: string[] }[] };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-credentials-'));
  demo = JSON.parse(await readFile('config/default.json', 'utf8'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A config file of the operator's own: the demo's, with these changes. */
async function fileWith(changes: object = {}): Promise<string> {
  const path = join(folder, `${createHash('sha256').update(JSON.stringify(changes)).digest('hex')}.json`);
  const resourceServers = [{ ...demo.resourceServers[0], clientSecrets: [OWN_SECRET] }];
  await writeFile(path, JSON.stringify({ ...demo, resourceServers, ...changes }));
  return path;
}
const load = async (env: Record<string, string>, changes: object = {}) =>
  loadConfig({ ...KEYS, CONFIG_FILE: await fileWith(changes), ...env });

const withSecrets = (...clientSecrets: string[]) => ({
  resourceServers: [{ ...demo.resourceServers[0], clientSecrets }],
});
const adminWith = (secret: string) => ({ adminClients: [{ clientId: 'backend', clientSecrets: [secret] }] });
const registeredWith = (client_secret: string) => ({
  clients: [{ client_id: 'registered', client_secret, redirect_uris: ['https://app.example.com/cb'] }],
});
const environments = ['', 'development', 'test', 'production'];

describe.each(environments)('With NODE_ENV=%j an issuer that others can reach', (NODE_ENV) => {
  test.each(PUBLIC)('%s never starts with the demo configuration', (ISSUER) => {
    for (const CONFIG_FILE of ['', 'config/default.json'])
      expect(() => loadConfig({ ...KEYS, NODE_ENV, ISSUER, CONFIG_FILE })).toThrow(
        /CONFIG_FILE .*the secret of the client "demo-mcp-server" is a demo secret.*openssl rand/,
      );
  });

  test.each([
    ['of a resource server, beside another', 'demo-mcp-server', () => withSecrets(OWN_SECRET, DEMO_SECRET)],
    ['as a hash in hex', 'demo-mcp-server', () => withSecrets(hashed('hex'))],
    ['as a hash in capitals', 'demo-mcp-server', () => withSecrets(hashed('hex').toUpperCase().replace('SHA', 'sha'))],
    ['as a hash in base64', 'demo-mcp-server', () => withSecrets(hashed('base64'))],
    ['as a hash in base64url', 'demo-mcp-server', () => withSecrets(hashed('base64url'))],
    ['of an admin client', 'backend', () => adminWith(DEMO_SECRET)],
    ['of a pre-registered client', 'registered', () => registeredWith(DEMO_SECRET)],
  ])('never starts with the demo secret %s', async (_what, client, changes) => {
    await expect(load({ NODE_ENV, ISSUER: 'https://auth.example.com' }, changes())).rejects.toThrow(
      `the secret of the client "${client}" is a demo secret`,
    );
  });

  test('never starts with the demo directory', async () => {
    await expect(load({ NODE_ENV, ISSUER: 'https://auth.example.com', DEMO_DIRECTORY: '1' })).rejects.toThrow(
      /^DEMO_DIRECTORY cannot be used .*ISSUER outside this machine.* Unset it\.$/,
    );
  });

  test('starts with secrets of its own', async () => {
    const config = await load({ NODE_ENV, ISSUER: 'https://auth.example.com' });
    expect(config).toMatchObject({ demoDirectory: false, exposed: true });
  });
});

test.each(HERE)('The demo works on %s, outside production', (ISSUER) => {
  expect(loadConfig({ ...KEYS, ISSUER, CONFIG_FILE: '' })).toMatchObject({ demoDirectory: true, exposed: false });
  expect(() => loadConfig({ ...KEYS, ISSUER, NODE_ENV: 'production' })).toThrow('is a demo secret');
});

await describeOnEachStore((stores) => {
  let server: TestServer;
  let env: Record<string, string>;
  beforeAll(async () => {
    server = await stores.start();
    const { DEMO_DIRECTORY: _, ...kept } = server.env;
    env = { ...kept, ISSUER: 'https://auth.example.test', CONFIG_FILE: await fileWith() };
  });
  afterAll(() => server?.stop());

  /** A start on the store that the demo filled; undefined when it is refused, and then what it said. */
  async function start(): Promise<string | undefined> {
    const port = await freePort();
    let started: ChildServer;
    try {
      started = await startChild(
        ['dist/main.js'],
        { ...env, PORT: String(port) },
        `http://127.0.0.1:${port}/health/ready`,
      );
    } catch (error) {
      return (error as Error).message;
    }
    await started.stop();
    return undefined;
  }
  const check = () => runCommand(['dist/main.js', '--check'], env);

  test('A store that was filled for the demo is not opened to others, and the check says so too', async () => {
    const [started, checked] = await Promise.all([start(), check()]);
    for (const said of [started, checked.err]) {
      expect(said).toContain(
        'The store has ada@example.com, grace@example.com, linus@example.com with the public password of the demo',
      );
      expect(said).toContain('npm run directory -- accounts set-password');
    }
    expect(checked.code).toBe(1);
  });

  test('One public password is one too many', async () => {
    await Promise.all(['ada@example.com', 'grace@example.com'].map(setPassword));
    expect(await start()).toContain('The store has linus@example.com with the public password');
  });

  test('With passwords of their own it is opened', async () => {
    await setPassword('linus@example.com');
    const [started, { code, out }] = await Promise.all([start(), check()]);
    expect(started).toBeUndefined();
    expect(out).toContain('ok  accounts: none has the public password of the demo');
    expect(code).toBe(0);
  });

  const setPassword = async (email: string): Promise<void> => {
    const child = spawn(
      process.execPath,
      ['dist/scripts/directory.js', 'accounts', 'set-password', email, '--password-stdin'],
      {
        env: { PATH: process.env.PATH, ...server.env },
        stdio: ['pipe', 'ignore', 'inherit'],
      },
    );
    child.stdin.end('a password of her own\n');
    expect(await once(child, 'close')).toEqual([0, null]);
  };
});

test.each(['only-24-characters-long.', `sha256:${'0'.repeat(64)}`])(
  'Production refuses %s as the secret of any client',
  async (secret) => {
    for (const changes of [withSecrets(secret), adminWith(secret), registeredWith(secret)])
      await expect(load({ NODE_ENV: 'production', ISSUER: 'https://auth.example.com' }, changes)).rejects.toThrow(
        /the secret of the client "[\w-]+" is (the placeholder|a demo secret or shorter than 32)/,
      );
  },
);
