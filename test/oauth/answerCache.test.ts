/** Which introspection answers are kept: their number and their length are bounded, so their memory is. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { AnswerCache } from '../../src/oauth/answerCache.js';
import { type OpenedFolder, openInNewFolder } from '../stores/embeddedStores.js';

let folder: OpenedFolder;
beforeAll(async () => {
  folder = await openInNewFolder();
});
afterAll(() => folder?.close());

const answer = {
  active: true,
  scope: 'read',
  client_id: 'dcr_1',
  client_name: 'Client',
  username: 'ada@example.com',
  sub: 'acc_1',
  aud: 'http://localhost:3001/mcp',
  iss: 'http://localhost:3000',
  exp: Math.floor(Date.now() / 1_000) + 3_600,
  iat: Math.floor(Date.now() / 1_000),
  token_type: 'Bearer',
  connection_id: 'con_1',
  org_id: 'org_1',
  org_name: 'Acme',
} as const;
const withRoles = (count: number) => ({
  ...answer,
  roles: Array.from({ length: count }, (_, n) => ({ role: 'app-viewer' as const, app: `${n}`.padStart(128, 'a') })),
});

test('an answer is kept, and one that a member with hundreds of roles makes long is read anew each time', () => {
  const answers = new AnswerCache(folder.stores);
  const revision = folder.stores.revision();
  for (const [count, kept] of [
    [10, true],
    [200, false],
  ] as const) {
    const said = withRoles(count);
    const json = JSON.stringify(said);
    answers.keep(revision, `${count} roles`, said, json);
    expect([count, answers.at(revision, `${count} roles`) === json]).toEqual([count, kept]);
  }
});
