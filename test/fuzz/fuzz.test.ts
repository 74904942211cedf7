/** Malformed requests at every endpoint and form: none is answered with 5xx, and nothing of them stays in memory. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Limits } from '../../src/configFile/limits.js';
import { Worlds } from '../model/worlds.js';
import { ADMIN_CLIENTS } from '../support/adminClient.js';
import { anonymousMemory } from '../support/anonymousMemory.js';
import { freePort } from '../support/childServer.js';
import { request } from '../support/client.js';
import { counts, longest, seedFrom } from '../support/counts.js';
import { type MailServer, startMailServer } from '../support/mailServer.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import type { ServerOptions, TestServer } from '../support/server.js';
import { startUpstream, type TestUpstream, upstreamEnvironment } from '../support/upstream.js';
import { fuzz } from './fuzz.js';

const MOST_GROWTH = 50 * 1_048_576;
/** Printed; set it to send the same again. */
const seed = seedFrom('FUZZ_SEED');
const most = Number(process.env.FUZZ_REQUESTS ?? counts.fuzzRequests);
/** On MongoDB and Redis it is what they make of the values that counts, and each request takes longer. */
const MOST_ON_MONGODB = Number(process.env.FUZZ_REQUESTS_ON_MONGODB ?? 20_000);

const often = { events: 10_000_000, seconds: 1 };
const RATES = Object.keys(Limits.parse({}).rates);

/** Otherwise most answers would be 429. */
const options = (mail: MailServer, upstreamIssuer: string): ServerOptions => ({
  config: (issuer) => ({
    ...JSON.parse(readFileSync('config/default.json', 'utf8')),
    issuerAliases: [`${issuer}/alias`],
    adminClients: ADMIN_CLIENTS,
    upstream: { mapping: [{ claim: 'groups', value: 'staff', organizationId: 'org_1north', role: 'insights' }] },
    limits: { rates: Object.fromEntries(RATES.map((name) => [name, often])) },
  }),
  env: { LOG_LEVEL: 'error', SMTP_URL: mail.url, ...upstreamEnvironment(upstreamIssuer) },
});

/** What a process cannot give back: the least that it had in a part of the time; what comes and goes above is rubbish. */
const retained = (memory: readonly number[], from: number, to: number): number =>
  Math.min(...memory.slice(Math.floor(memory.length * from), Math.ceil(memory.length * to)));

const failures = (output: string): string[] => output.split('\n').filter((line) => /"level":[56]0/.test(line));

/** The operations of the Admin API, as the fuzzer names its endpoints but for what stands in the path. */
async function operations(server: TestServer): Promise<string[]> {
  const { json } = await request(server.url('/admin/v1/openapi.json'));
  return Object.entries(json.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => shapeOf(`${method.toUpperCase()} /admin/v1${path}`)),
  );
}
const shapeOf = (name: string): string => name.replaceAll(/:\w+|\{\w+\}/g, '…');

await describeOnEachStore((stores) => {
  let server: TestServer;
  let mail: MailServer;
  let upstream: TestUpstream;
  beforeAll(async () => {
    mail = await startMailServer();
    const issuer = `http://127.0.0.1:${await freePort()}`;
    server = await stores.start(options(mail, issuer));
    upstream = await startUpstream(issuer, server);
  }, longest);
  afterAll(async () => {
    await Promise.all([server?.stop(), upstream?.stop()]);
    await mail?.stop();
  });

  test(
    'get an answer below 500, and leave nothing in memory',
    async () => {
      const count = server.env.MONGODB_URI ? Math.min(most, MOST_ON_MONGODB) : most;
      const memory: number[] = [];
      const around = { worlds: new Worlds(server), mail, upstream };
      const { wrong, statuses, byEndpoint, bySignature, neverEntered } = await fuzz(
        server,
        around,
        { count, seed },
        (sent) => {
          memory.push(anonymousMemory(server.process().pid ?? 0));
          if (process.env.LONG === '1' && sent % 10_000 === 0)
            process.stdout.write(`${sent} sent, ${(memory.at(-1) ?? 0) >> 20} MB\n`);
        },
      );
      const growth = retained(memory, 0.9, 1) - retained(memory, 0.1, 0.2);
      if (process.env.LONG === '1') {
        process.stdout.write(`seed ${seed}, ${growth >> 20} MB more: ${JSON.stringify([...statuses])}\n`);
        for (const [name, own] of byEndpoint) process.stdout.write(`${name}: ${JSON.stringify([...own])}\n`);
      }
      expect({ seed, wrong }).toEqual({ seed, wrong: [] });
      expect(failures(server.output())).toEqual([]);
      // A short run sees the heap fill for the first time, which says nothing.
      if (count >= 100_000) expect(growth).toBeLessThan(MOST_GROWTH);
      for (const status of [200, 201, 204, 303, 400, 401, 403, 404, 409, 415])
        expect(statuses.get(status)).toBeGreaterThan(0);
      // Taken, and refused for their claims; the refresh token that comes with them is none.
      for (const status of [200, 201, 400, 401]) expect(bySignature.get(status)).toBeGreaterThan(0);
      expect([...byEndpoint.keys()].map(shapeOf)).toEqual(expect.arrayContaining(await operations(server)));
      expect(neverEntered).toEqual([]);
    },
    longest,
  );
});
