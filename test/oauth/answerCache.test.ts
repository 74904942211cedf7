/** Which introspection answers are kept: their number and their length are bounded, so their memory is. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { jsonAnswer } from '../../src/http/jsonAnswer.js';
import { AnswerCache } from '../../src/oauth/answerCache.js';
import { type OpenedFolder, openInNewFolder } from '../stores/embeddedStores.js';

let folder: OpenedFolder;
beforeAll(async () => {
  folder = await openInNewFolder();
});
afterAll(() => folder?.close());

const access = {
  connectionId: 'con_1',
  accountId: 'acc_1',
  organizationId: 'org_1',
  clientId: 'dcr_1',
  audience: 'http://localhost:3001/mcp',
  scope: 'read',
  issuedAt: Math.floor(Date.now() / 1_000),
  expiresAt: Math.floor(Date.now() / 1_000) + 3_600,
};

test('an answer is kept, and one that a member with hundreds of roles makes long is read anew each time', () => {
  const answers = new AnswerCache(folder.stores);
  const revision = folder.stores.revision();
  for (const [count, kept] of [
    [10, true],
    [200, false],
  ] as const) {
    const json = JSON.stringify({ active: true, roles: Array<string>(count).fill('a'.padStart(128, 'a')) });
    answers.keep(revision, `${count} roles`, access, jsonAnswer([], json));
    expect([count, answers.at(revision, `${count} roles`)?.json === json]).toEqual([count, kept]);
  }
});
