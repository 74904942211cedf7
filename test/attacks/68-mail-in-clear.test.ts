/** A mail server outside this machine whose STARTTLS somebody strips: nothing of a message is sent in clear. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SMTPServer } from 'smtp-server';
import { Environment } from '../../src/environment.js';
import { createMailer, mailInWords, mailRoute } from '../../src/mail.js';
import { signedInPerson } from '../support/audit.js';
import { freePort } from '../support/childServer.js';
import { runCommand } from '../support/command.js';
import { logged } from '../support/logged.js';
import { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

/** Leads to this machine, but is none of its names: for the server it is another host. */
const ELSEWHERE = '0.0.0.0';
const MAIL = { to: 'ada@example.com', subject: 'Hello', text: 'https://auth.example.com/password/reset/secret' };

/** What a mail server was told, and whether that was over TLS. */
interface Told {
  readonly what: string;
  readonly secure: boolean;
}

const told: Told[] = [];
const servers: SMTPServer[] = [];

/** A mail server that offers STARTTLS, with a certificate that nobody vouches for, or does not. */
async function mailServer(startTls: boolean): Promise<number> {
  const note = (what: string, session: { secure: boolean }) => told.push({ what, secure: session.secure });
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    ...(startTls ? {} : { disabledCommands: ['STARTTLS'] }),
    onAuth: (_auth, session, done) => {
      note('credentials', session);
      done(null, { user: 'login' });
    },
    onMailFrom: (_address, session, done) => {
      note('sender', session);
      done();
    },
    onRcptTo: (_address, session, done) => {
      note('recipient', session);
      done();
    },
    onData: (stream, session, done) => {
      note('message', session);
      stream.resume().on('end', () => done());
    },
  });
  server.on('error', () => undefined);
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '0.0.0.0', resolve));
  servers.push(server);
  return port;
}

const send = async (smtpUrl: string): Promise<readonly Told[]> => {
  told.length = 0;
  await (await createMailer(smtpUrl, 'https://auth.example.com'))?.send(MAIL);
  return [...told];
};

let stripped: number;
let offering: number;
beforeAll(async () => {
  [stripped, offering] = [await mailServer(false), await mailServer(true)];
});
afterAll(() => Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())))));

describe('A mail server outside this machine', () => {
  test.each(['', 'login:password@'])(
    'that offers no STARTTLS gets neither credentials nor envelope (%j)',
    async (user) => {
      await expect(send(`smtp://${user}${ELSEWHERE}:${stripped}`)).rejects.toThrow(
        'nothing was sent to it. Use smtps://, have it offer STARTTLS, or put requireTLS=false into SMTP_URL',
      );
      expect(told).toEqual([]);
    },
  );

  test.each(['ignoreTLS=true', 'opportunisticTLS=true', 'secure=false'])(
    'is not written to in clear because of %s either',
    async (parameter) => {
      await expect(send(`smtp://login:password@${ELSEWHERE}:${stripped}?${parameter}`)).rejects.toThrow('requireTLS');
      expect(told).toEqual([]);
    },
  );

  test('whose certificate nobody vouches for gets nothing', async () => {
    await expect(send(`smtp://login:password@${ELSEWHERE}:${offering}`)).rejects.toThrow();
    expect(told).toEqual([]);
  });

  test('that is trusted gets everything over TLS', async () => {
    const got = await send(`smtp://login:password@${ELSEWHERE}:${offering}?tls.rejectUnauthorized=false`);
    expect(got.map(({ what }) => what)).toEqual(['credentials', 'sender', 'recipient', 'message']);
    expect(got.every(({ secure }) => secure)).toBe(true);
  });

  test('gets mail in clear when the URL says so', async () => {
    const got = await send(`smtp://${ELSEWHERE}:${stripped}?requireTLS=false`);
    expect(got).toEqual(['sender', 'recipient', 'message'].map((what) => ({ what, secure: false })));
  });
});

test.each(['localhost', '127.0.0.1'])(
  'A mail server on this machine, %s, needs no TLS, unless the URL wants it',
  async (host) => {
    expect(await send(`smtp://${host}:${stripped}`)).toHaveLength(3);
    await expect(send(`smtp://${host}:${stripped}?requireTLS=true`)).rejects.toThrow('requireTLS');
    expect(told).toEqual([]);
  },
);

test.each([
  ['smtp://mail.example.com', 'required'],
  ['smtp://LOCALHOST', 'if-offered'],
  ['smtp://localhost.example.com', 'required'],
  ['smtp://127.0.0.1.example.com', 'required'],
  ['smtp://[::1]:25', 'if-offered'],
  ['smtp://localhost?service=Outlook365', 'required'],
  ['smtp://mail.example.com?requireTLS=false', 'if-offered'],
  ['smtps://mail.example.com?requireTLS=false', 'from-the-start'],
])('%s: TLS is %s', (url, tls) => {
  expect(mailRoute(url).tls).toBe(tls);
});

test.each(['requireTLS=no', 'requireTLS=', 'requireTLS=False', 'requireTLS=false&requireTLS=true'])(
  '%s is neither yes nor no, and stops the start',
  (query) => {
    const { error } = Environment.safeParse({ SMTP_URL: `smtp://mail.example.com?${query}` });
    expect(error?.issues[0]?.path).toEqual(['SMTP_URL']);
    expect(error?.issues[0]?.message).toContain('requireTLS');
  },
);

test('What will happen is said without the password', () => {
  for (const query of ['', '?requireTLS=false'])
    expect(mailInWords(`smtp://login:hidden@mail.example.com${query}`).line).not.toMatch(/hidden|login/);
});

describe('The server', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ env: { SMTP_URL: `smtp://${ELSEWHERE}:${stripped}` } });
  });
  afterAll(() => server?.stop());

  test('sends no link in clear, neither of an invitation nor to set a password', async () => {
    told.length = 0;
    const ada = await signedInPerson(server);
    const list = await ada.open(server.url('/account/connections'));
    const acme = list.html
      .querySelectorAll('button[name=organization_id]')
      .find(({ textContent }) => textContent.includes('Acme'))
      ?.getAttribute('value');
    const form = await ada.open(server.url(`/organizations/${acme}/members/add`));
    const page = await ada.browser.submit(form, 'button.primary', { email: 'x@example.com', 'role:insights': 'on' });
    expect(page.html.querySelector('[role=status]')?.textContent).toContain('did not take the message');
    const person = new Person();
    const asked = await person.open(server.url('/password/forgotten'));
    await person.browser.submit(asked, 'input[name=email]', { email: 'grace@example.com' });
    expect(await logged(server, 'mail failed')).toContain('offers no TLS');
    expect(told).toEqual([]);
  });

  test.each([
    ['', 'ok  mail: to mail.example.com with STARTTLS; a mail server that does not offer it gets nothing'],
    ['?requireTLS=false', 'warning: mail: in clear to mail.example.com unless it offers STARTTLS'],
  ])('says before the start what will happen (%j)', async (query, line) => {
    const { code, out } = await runCommand(['dist/main.js', '--check'], {
      ...server.env,
      SMTP_URL: `smtp://login:hidden@mail.example.com${query}`,
    });
    expect(out).toContain(line);
    expect(out).not.toContain('hidden');
    expect(code).toBe(0);
  });
});
