/** compose.yaml, checked against what the server needs; no engine runs it here. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadConfig } from '../../src/config.js';
import { Environment } from '../../src/environment.js';
import { copyOf, stagesOf } from './dockerfile.js';

const Service = z.looseObject({
  image: z.string(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  networks: z.array(z.string()),
  read_only: z.boolean().default(false),
});
const Compose = z.object({
  services: z.record(z.string(), Service),
  networks: z.record(z.string(), z.object({ internal: z.boolean() }).nullable()),
  volumes: z.record(z.string(), z.null()),
  configs: z.record(z.string(), z.object({ file: z.string() })),
});

let compose: z.infer<typeof Compose>;
let text: string;
beforeAll(async () => {
  text = await readFile('compose.yaml', 'utf8');
  compose = Compose.parse(parse(text));
});

const serviceOf = (name: string) => {
  const service = compose.services[name];
  if (!service) throw new Error(`There is no service ${name}.`);
  return service;
};

/** The variables that the comment at the top has people write into server.env, with keys as openssl makes them. */
function serverEnv(): Record<string, string> {
  const [, format = ''] = /printf '([^']+)'/.exec(text) ?? [];
  const key = Buffer.alloc(32, 1).toString('base64');
  return Object.fromEntries(
    format
      .replaceAll('%s', key)
      .split('\\n')
      .filter(Boolean)
      .map((line) => {
        const at = line.indexOf('=');
        return [line.slice(0, at), line.slice(at + 1)];
      }),
  );
}

describe('the server', () => {
  test('starts with what it is given, in production', async () => {
    const { environment } = serviceOf('server');
    const env = { NODE_ENV: 'production', ...serverEnv(), ...environment };
    expect(Object.keys(Environment.shape)).toEqual(expect.arrayContaining(Object.keys(env)));
    const folder = await mkdtemp(join(tmpdir(), 'compose-'));
    const CONFIG_FILE = join(folder, 'config.json');
    const example = await readFile('config/production.example.json', 'utf8');
    await writeFile(CONFIG_FILE, example.replace(/(?<=sha256:)0{64}/, '0123'.repeat(16)));
    const config = loadConfig({ ...env, CONFIG_FILE });
    await rm(folder, { recursive: true });
    expect(config).toMatchObject({ production: true, secure: true, trustProxy: 1 });
  });

  test('finds both stores by their names in its network, and the replica set by its name', () => {
    const { MONGODB_URI = '', REDIS_URL = '' } = serviceOf('server').environment;
    const mongo = new URL(MONGODB_URI);
    expect(Object.keys(compose.services)).toEqual(
      expect.arrayContaining([mongo.hostname, new URL(REDIS_URL).hostname]),
    );
    const { command } = serviceOf(mongo.hostname);
    expect(command[command.indexOf('--replSet') + 1]).toBe(mongo.searchParams.get('replicaSet'));
    expect(JSON.stringify(serviceOf('mongo').healthcheck)).toContain(`host: '${mongo.host}'`);
  });

  test('waits until both are well', () => {
    expect(serviceOf('server').depends_on).toEqual({
      mongo: { condition: 'service_healthy' },
      redis: { condition: 'service_healthy' },
    });
    expect(JSON.stringify(serviceOf('mongo').healthcheck)).toContain('isWritablePrimary');
    expect(serviceOf('redis').healthcheck).toMatchObject({ test: ['CMD', 'redis-cli', 'ping'] });
  });

  test('cannot write to its file system, has no rights to lose, and is published to this machine alone', async () => {
    const { read_only, cap_drop, security_opt, ports } = serviceOf('server');
    expect({ read_only, cap_drop, security_opt }).toEqual({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    const final = stagesOf(await readFile('Dockerfile', 'utf8')).at(-1);
    const exposed = final?.instructions.find(({ name }) => name === 'EXPOSE')?.value;
    expect(ports).toEqual([`127.0.0.1:${exposed}:${exposed}`]);
  });

  test('has its configuration where CONFIG_FILE says, outside of what the image brings', async () => {
    const { configs, environment } = serviceOf('server');
    expect(configs).toEqual([{ source: 'server', target: environment.CONFIG_FILE }]);
    expect(compose.configs.server?.file).toBe('./config.json');
    const copied = stagesOf(await readFile('Dockerfile', 'utf8'))
      .at(-1)
      ?.instructions.filter(({ name }) => name === 'COPY');
    expect(copied?.map(copyOf).map(({ target }) => target)).not.toContain(environment.CONFIG_FILE);
  });
});

describe('the stores', () => {
  test('are reached by the server alone: on an internal network, without a published port', () => {
    expect(compose.networks.stores).toEqual({ internal: true });
    for (const name of ['mongo', 'redis']) expect(serviceOf(name)).toMatchObject({ ports: [], networks: ['stores'] });
    expect(serviceOf('server').networks).toEqual(['front', 'stores']);
  });

  test('Redis evicts nothing, and MongoDB keeps its data in a volume', () => {
    const { command } = serviceOf('redis');
    expect(command[command.indexOf('--maxmemory-policy') + 1]).toBe('noeviction');
    const [volume = ''] = serviceOf('mongo').volumes;
    expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
    expect(volume.split(':')[1]).toBe('/data/db');
  });

  test('no secret stands in the file', () => {
    for (const { environment } of Object.values(compose.services))
      expect(Object.keys(environment).filter((name) => /KEY|SECRET|PASSWORD/.test(name))).toEqual([]);
    expect(serviceOf('server').env_file).toBe('server.env');
  });
});
