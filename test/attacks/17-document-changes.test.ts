/** A client metadata document that loses the redirect_uri while the person is being asked. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from '../support/browser.js';
import { form } from '../support/client.js';
import { RESOURCE } from '../support/clientRow.js';
import { configFor } from '../support/demoServer.js';
import { type DocumentHost, PLAIN_DOCUMENT, startDocumentHost } from '../support/documentHost.js';
import { clientRedirect, Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

const REDIRECT_URI = 'https://client.example.com/callback';
const WITH_IT = { ...PLAIN_DOCUMENT, redirect_uris: [REDIRECT_URI] };
const WITHOUT_IT = { ...PLAIN_DOCUMENT, redirect_uris: ['https://client.example.com/other'] };

let vendor: DocumentHost;
let server: TestServer;
let person: Person;
let consent: Page;
let path: string;
let tests = 0;
beforeAll(async () => {
  vendor = await startDocumentHost();
  const policy = { metadataDocuments: { privateHosts: [vendor.host] } };
  server = await startServer({ config: { ...(await configFor(RESOURCE)), clientPolicy: policy }, env: vendor.env });
});
beforeEach(async () => {
  path = `/client-${++tests}.json`;
  const client_id = vendor.serve(path, WITH_IT);
  const query = form({
    client_id,
    response_type: 'code',
    redirect_uri: REDIRECT_URI,
    code_challenge: 'a'.repeat(43),
    code_challenge_method: 'S256',
    state: 'state',
  });
  person = new Person();
  consent = await person.openConsent(`${server.url('/authorize')}?${query}`);
  expect(consent.status).toBe(200);
});
afterAll(async () => {
  await server?.stop();
  await vendor?.stop();
});

test('the unchanged document lets the approval through', async () => {
  const redirect = clientRedirect(await person.decide(consent, 'Acme Robotics'));
  expect(redirect.href).toContain(`${REDIRECT_URI}?code=`);
});

test.each(['approve', 'deny'] as const)('a document without it refuses to %s', async (decision) => {
  vendor.serve(path, WITHOUT_IT);
  const after = await person.decide(consent, 'Acme Robotics', decision);
  expect(`${after.status} ${after.leftFor}`).toBe('400 undefined');
});

test('a document without it is not even shown', async () => {
  vendor.serve(path, WITHOUT_IT);
  expect((await person.open(consent.url)).status).toBe(400);
});

test.each([
  ['that is gone', () => vendor.answer(path, (response) => void response.writeHead(404).end())],
  ['of another client', () => void vendor.serve(path, { ...WITH_IT, client_id: 'https://evil.example/client.json' })],
  ['that wants a secret', () => void vendor.serve(path, { ...WITH_IT, client_secret: 'secret' })],
])('a document %s refuses as well', async (_what, change) => {
  change();
  const after = await person.decide(consent, 'Acme Robotics');
  expect(`${after.status} ${after.leftFor}`).toBe('400 undefined');
});

test('a person who comes back after the document was put right can still allow it', async () => {
  vendor.serve(path, WITHOUT_IT);
  await person.decide(consent, 'Acme Robotics');
  vendor.serve(path, WITH_IT);
  expect(clientRedirect(await person.decide(consent, 'Acme Robotics')).searchParams.get('code')).toBeTruthy();
});
