/** Text that people type or other systems give, with line breaks, unseen characters or marks that turn text around. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { invitationMail } from '../../src/accounts/invitations/invitationMail.js';
import { organizationByIdOrName } from '../../src/organizations/findOrganization.js';
import { Name } from '../../src/organizations/names.js';
import { roleProblem } from '../../src/organizations/roleProblem.js';
import { isPlain, plain } from '../../src/plainText.js';
import { replace } from '../../src/stores/durable.js';
import { organizations } from '../../src/stores/records/organization.js';
import { inStore } from '../pages/organizationVisit.js';
import { ADMIN_CONFIG, AdminApi } from '../support/adminApi.js';
import { organizationPath, signedInPerson } from '../support/audit.js';
import { registerWith } from '../support/clientRow.js';
import { directory } from '../support/directory.js';
import { csrfOf, post } from '../support/forms.js';
import { linkIn, type MailServer, startMailServer } from '../support/mailServer.js';
import type { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

const DECEIVING: Record<string, string> = {
  'a line feed': 'store\nhttps://evil.example/',
  'a carriage return': 'store\rhttps://evil.example/',
  'a tab': 'store\tfront',
  'a zero byte': 'store\u0000front',
  'an escape': 'store\u001B[2Kfront',
  'a next line': 'store\u0085front',
  'a line separator': 'store\u2028front',
  'a paragraph separator': 'store\u2029front',
  'a right-to-left override': 'store\u202Etnorf',
  'an isolate': 'store\u2066front\u2069',
  'a right-to-left mark': 'store\u200Ffront',
  'an Arabic letter mark': 'store\u061Cfront',
  'a zero-width space': 'store\u200Bfront',
  'a joiner between Latin letters': 'store\u200Dfront',
  'a non-joiner at the end': 'storefront\u200C',
  'a word joiner': 'store\u2060front',
  'a soft hyphen': 'store\u00ADfront',
  'a byte order mark': 'store\uFEFFfront',
  'a Hangul filler': 'store\u3164front',
  'an empty Braille pattern': 'store\u2800front',
  'a combining grapheme joiner': 'store\u034Ffront',
  'a tag': 'store\u{E0041}front',
  'a variation selector behind a letter': 'store\uFE0Ffront',
  'variation selectors that hide a message': 'storefront \u{1F600}\uFE0F\uFE0E\u{E0101}\u{E0102}',
  'a null notehead': 'store\u{1D159}front',
  'an Egyptian blank': 'store\u{13441}front',
  'a Khitan filler': 'store\u{16FE4}front',
  'a place of an object': 'store\uFFFCfront',
  'a private character': 'store\uE000front',
  'an unassigned character': 'store\u0378front',
  'a non-character': 'store\uFFFEfront',
  'marks that cover other lines': `store${'\u0301'.repeat(5)}front`,
  'marks that an unseen character parts': `store${'\u0301\u0302'.repeat(2)}\u200B${'\u0301\u0302'.repeat(2)}front`,
  'half a character': 'store\uD83Dfront',
};
const HONEST: Record<string, string> = {
  accents: 'Zoë Ångström-Łukasz',
  Chinese: '株式会社 葛\u{E0100}城',
  Vietnamese: 'Nguye\u0302\u0303n Tha\u0302\u0323t',
  Thai: 'ผู้ใหญ่ น้ำ',
  Hindi: 'हिन्दी कॉर्पोरेशन',
  Burmese: 'လျှော့ ကြွေး',
  'vowel points and accents': 'בְּרֵאשִׁ֖ית',
  'one symbol': '\u{1F680}',
  digits: '42',
  punctuation: '&',
  'right-to-left letters': 'חברה بعض',
  'a Persian non-joiner': 'می\u200Cخواهم',
  'a Devanagari joiner': 'क्\u200Dष',
  'a Sinhala joiner': 'ශ්\u200Dරී',
  'a family': '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}',
  'a rainbow flag': '\u{1F3F3}\uFE0F\u200D\u{1F308}',
  'a keycap and a heart': '1\uFE0F\u20E3 \u2764\uFE0F',
};

test.each(Object.entries(DECEIVING))('%s does not fit, in a name, an app or a keyset', (_what, text) => {
  expect(isPlain(text)).toBe(false);
  expect(Name.safeParse(`${text}x`).success && Name.safeParse(`x${text}x`).success).toBe(false);
  expect(roleProblem([{ role: 'app-viewer', app: text }])).toMatchObject({ code: 'invalid' });
  expect(roleProblem([{ role: 'key-viewer', app: 'x', keyset: text }])?.message).not.toContain('evil');
  expect(isPlain(plain(text))).toBe(true);
});

test.each(['\u{1D159}', '\u{13441}', '\u{16FE4}', '\u0301', '\u20E3', '\u0301 \u0301'])(
  '%j alone is no name, app or keyset',
  (text) => {
    expect(Name.safeParse(text).success).toBe(false);
    expect(roleProblem([{ role: 'app-viewer', app: text }])).toMatchObject({ code: 'invalid' });
    expect(roleProblem([{ role: 'key-viewer', app: 'x', keyset: text }])).toMatchObject({ code: 'invalid' });
    expect(plain(text)).toBe('');
  },
);

test.each(Object.entries(HONEST))('%s: fits, and a client keeps it in its name', (_what, text) => {
  expect(Name.parse(text)).toBe(text);
  expect(plain(text)).toBe(text);
  expect(roleProblem([{ role: 'app-viewer', app: text }])).toBeUndefined();
});

test('A mail has our link first, and marks each line of what others wrote, whatever they wrote', () => {
  const link = 'https://auth.example.com/invitations/secret';
  const evil = `Acme${Object.values(DECEIVING).join(' ')} To accept, open https://evil.example/ ${'x '.repeat(90)}`;
  const { subject, text } = invitationMail(
    { email: 'x@example.com', roles: [{ role: 'app-viewer', app: evil }] },
    { organization: evil, inviter: evil, link },
  );
  expect(subject).toBe('Invitation to an organization at auth.example.com');
  const lines = text.split(/[\n\r\u0085\u2028\u2029]/);
  expect(lines.findIndex((line) => line.includes(link))).toBeLessThan(lines.findIndex((line) => line.includes('evil')));
  for (const line of lines.filter((one) => /evil|store|x x x/.test(one))) expect(line).toMatch(/^> .{1,66}$/u);
  expect(isPlain(lines.join(''))).toBe(true);
});

describe('At a running server', () => {
  const TEXTS = ['store\nhttps://evil.example/', 'store\u2028front', 'store\u202Etnorf', 'store\u200Bfront'];
  let mail: MailServer;
  let server: TestServer;
  let api: AdminApi;
  let ada: Person;
  let acme: string;
  beforeAll(async () => {
    mail = await startMailServer();
    server = await startServer({ config: ADMIN_CONFIG, env: { SMTP_URL: mail.url } });
    api = await AdminApi.open(server);
    ada = await signedInPerson(server);
    acme = await organizationPath(server, ada, 'Acme Robotics');
  });
  afterAll(async () => {
    await server?.stop();
    await mail?.stop();
  });
  const submit = async (path: string, fields: Record<string, string>): Promise<number> => {
    const page = await ada.open(server.url('/account'));
    return (await post(ada.browser, path, { csrf_token: csrfOf(page), ...fields })).status;
  };

  test.each(TEXTS)('%j is refused by every form', async (text) => {
    const scoped = { 'scoped-0': 'app-viewer', 'app-0': text };
    expect(await submit(`${acme}/members/add`, { email: 'x@example.com', ...scoped })).toBe(400);
    const linus = (await api.all('/accounts', { email: 'linus@example.com' }))[0]?.id;
    expect(await submit(`${acme}/members/${linus}/roles`, scoped)).toBe(400);
    expect(await submit(server.url('/account/name'), { name: text })).toBe(400);
    expect(await submit(server.url('/organizations/new'), { name: text })).toBe(400);
    expect(mail.messages).toEqual([]);
  });

  test.each(TEXTS)('%j is refused by the Admin API and by an import', async (text) => {
    const [{ id: linus } = {}] = await api.all('/accounts', { email: 'linus@example.com' });
    const organization = acme.split('/').at(-1);
    for (const [path, body] of [
      ['/accounts/acc_new', { email: 'new@example.com', name: text }],
      ['/organizations/org_new', { name: text, ownerId: linus }],
      [`/organizations/${organization}/members/${linus}`, { roles: [{ role: 'app-viewer', app: text }] }],
    ] as const)
      expect(`${path} ${(await api.put(path, body)).status}`).toMatch(/ (400|422)$/);
    const file = join(server.dataDir, '..', 'import.json');
    for (const content of [
      { accounts: [{ email: 'new@example.com', name: text }] },
      { organizations: [{ name: text, owner: 'ada@example.com' }] },
      {
        members: [
          {
            organization: 'Acme Robotics',
            account: 'linus@example.com',
            roles: [{ role: 'key-viewer', app: 'x', keyset: text }],
          },
        ],
      },
    ]) {
      await writeFile(file, JSON.stringify(content));
      await expect(directory(server, 'import', file)).rejects.toThrow('Line ');
    }
  });

  test('a client is named without them', async () => {
    for (const text of TEXTS) {
      const metadata = { redirect_uris: ['http://127.0.0.1/callback'], client_name: text };
      const { json } = await registerWith(server, JSON.stringify(metadata));
      expect(isPlain(String(json.client_name))).toBe(true);
    }
  });

  test('an organization that was named so before goes on working, and its mail is safe', async () => {
    await inStore(server, async ({ durable }) => {
      const stored = await durable.get(organizations, (await organizationByIdOrName(durable, 'Acme Robotics')).id);
      if (stored)
        await durable.commit([replace(organizations, { ...stored, name: 'Acme\u2028Open https://evil.example/' })]);
    });
    expect((await ada.open(`${acme}/members`)).status).toBe(200);
    expect(await submit(`${acme}/members/add`, { email: 'safe@example.com', 'role:insights': 'on' })).toBe(303);
    const message = await mail.messageTo('safe@example.com');
    expect(linkIn(message)).toContain(`${server.issuer}/invitations/`);
    const page = await ada.open(linkIn(message));
    expect([200, 403]).toContain(page.status);
  });
});
