/** Introspections that something overtakes while their answer is made: what is kept of them is never given again. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pino from 'pino';
import { createTally } from '../../src/metrics.js';
import type { OauthContext } from '../../src/oauth/context.js';
import { createIntrospectionEndpoint } from '../../src/oauth/introspectionEndpoint.js';
import type { AccessToken } from '../../src/oauth/tokens/accessTokenRecord.js';
import { replace } from '../../src/stores/durable.js';
import { organizations } from '../../src/stores/records/organization.js';
import { storesOfEachTest } from '../organizations/demoStores.js';

const stores = storesOfEachTest('demo');
/** What the next reading of the four records waits for when it has them, and the next reading of a token likewise. */
let afterRecords: Promise<void> | undefined;
let afterToken: Promise<void> | undefined;
let keys: readonly object[];
let access: AccessToken;
let server: Server;

beforeEach(async () => {
  const { id, accountId, organizationId, clientId, resource, scope } = await stores().connect('ada', 'Acme Robotics');
  const issuedAt = Math.floor(Date.now() / 1_000);
  const ends = { connectionId: id, accountId, organizationId };
  access = { ...ends, clientId, audience: resource, scope, issuedAt, expiresAt: issuedAt + 3_600 };
  keys = [{}];
  [afterRecords, afterToken] = [undefined, undefined];
  const { durable } = stores();
  const getEach = durable.getEach.bind(durable) as (...wanted: unknown[]) => Promise<unknown>;
  const waiting = {
    ...stores(),
    durable: {
      async getEach(...wanted: unknown[]) {
        const [found, wait] = [await getEach(...wanted), afterRecords];
        afterRecords = undefined;
        await wait;
        return found;
      },
    },
  };
  const signer = {
    get keys() {
      return keys;
    },
    async read() {
      const [signedBy, wait] = [keys, afterToken];
      afterToken = undefined;
      await wait;
      return signedBy.length > 0 ? access : undefined;
    },
  };
  const resourceServers = { authenticate: () => ({ clientId: 'api', serves: () => true }) };
  const [config, log, tally] = [{ issuer: 'http://localhost:3000' }, pino({ enabled: false }), createTally()];
  const resources = { find: (indicator: string) => ({ indicator, scopes: { [access.scope]: 'Anything' } }) };
  const made = { config, log, tally, stores: waiting, signer, resourceServers, resources };
  const oauth = made as unknown as OauthContext;
  server = createServer(createIntrospectionEndpoint(oauth)).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => void server.close());

/** Asks about the one signed token. */
async function ask(): Promise<{ active: boolean; org_name?: string }> {
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/introspect`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('api:secret')}` },
    body: new URLSearchParams({ token: 'a.signed.token' }),
  });
  return (await response.json()) as { active: boolean; org_name?: string };
}

/** Holds the next reading up. @returns lets it go on */
function hold(reading: 'records' | 'token'): () => void {
  let release = (): void => undefined;
  const wait = new Promise<void>((resolve) => {
    release = resolve;
  });
  if (reading === 'records') afterRecords = wait;
  else afterToken = wait;
  return release;
}

const reached = async (isHeld: () => unknown): Promise<void> => {
  while (isHeld() !== undefined) await new Promise((resolve) => setTimeout(resolve, 5));
};

async function rename(name: string): Promise<void> {
  const { durable } = stores();
  const organization = await durable.get(organizations, access.organizationId);
  if (!organization) throw new Error('There is no organization.');
  await durable.commit([replace(organizations, { ...organization, name })]);
}

test('a change while the answer is made is in the next one', async () => {
  const goOn = hold('records');
  const overtaken = ask();
  await reached(() => afterRecords);
  await rename('New Name');
  goOn();
  expect(await overtaken).toMatchObject({ active: true, org_name: 'Acme Robotics' });
  expect(await ask()).toMatchObject({ active: true, org_name: 'New Name' });
});

test('an answer that another request overtook does not take the place of the newer one', async () => {
  expect(await ask()).toMatchObject({ org_name: 'Acme Robotics' });
  await rename('Second Name');
  const goOn = hold('records');
  const overtaken = ask();
  await reached(() => afterRecords);
  await rename('Third Name');
  expect(await ask()).toMatchObject({ org_name: 'Third Name' });
  goOn();
  expect(await overtaken).toMatchObject({ org_name: 'Second Name' });
  expect(await ask()).toMatchObject({ org_name: 'Third Name' });
});

test('a token whose key is retired while the answer is made is inactive from then on', async () => {
  const goOn = hold('token');
  const overtaken = ask();
  await reached(() => afterToken);
  keys = [];
  goOn();
  expect(await overtaken).toMatchObject({ active: true });
  expect(await ask()).toEqual({ active: false });
});
