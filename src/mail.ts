/** Mail: single-use links for people who cannot sign in yet. Plain text, one recipient, over SMTP with TLS. */
import { connect, type Socket } from 'node:net';
import { byDeadline } from './lib/byDeadline.js';
import { isLoopback } from './loopback.js';
import { marked } from './plainText.js';

/** One message; none of its fields may hold a line break but the text. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface Mailer {
  /**
   * Hands a message to the mail server.
   * @throws when the mail server does not take it
   */
  send(mail: Mail): Promise<void>;
}

/** So many characters of a quotation stand on one line, so that no mail program breaks it into one without the mark. */
const QUOTED_AT_MOST = 66;

/**
 * What others wrote, as lines of a message: each begins with a mark, so that none can pass for one of ours.
 * @param text in one line; of one that is older than the rule for text, what does not fit is shown as U+FFFD
 */
export function quoted(text: string): string[] {
  const characters = [...marked(text)];
  const count = Math.ceil(characters.length / QUOTED_AT_MOST);
  return Array.from({ length: count }, (_, n) => {
    const line = characters.slice(n * QUOTED_AT_MOST, (n + 1) * QUOTED_AT_MOST).join('');
    return `> ${line}`;
  });
}

/**
 * How long handing over one message may take, in milliseconds. The library's own timeouts begin again with each byte, so a
 * mail server that sends one now and then could hold a request for ever.
 */
const DEADLINE_MS = 20_000;

/** How the way to the mail server is protected: TLS from the first byte, STARTTLS or nothing, or TLS where it is offered. */
export interface MailRoute {
  readonly host: string;
  readonly onThisMachine: boolean;
  readonly tls: 'from-the-start' | 'required' | 'if-offered';
}

/**
 * What SMTP_URL says of the way to the mail server. Outside this machine it is TLS or nothing, since an attacker who can strip
 * STARTTLS from an answer would read links that set passwords; `requireTLS=false` in the URL takes that back.
 */
export function mailRoute(smtpUrl: string): MailRoute {
  const url = new URL(smtpUrl);
  const host = url.hostname.toLowerCase();
  // A well-known service of nodemailer takes the place of the host.
  const onThisMachine = isLoopback(host) && !url.searchParams.has('service');
  if (url.protocol === 'smtps:') return { host, onThisMachine, tls: 'from-the-start' };
  const required = url.searchParams.get('requireTLS') ?? String(!onThisMachine);
  return { host, onThisMachine, tls: required === 'true' ? 'required' : 'if-offered' };
}

/** What will happen to mail, in one line for the operator; a warning where it can be read on its way. */
export function mailInWords(smtpUrl: string): { line: string; warning: boolean } {
  const { host, onThisMachine, tls } = mailRoute(smtpUrl);
  if (tls === 'from-the-start') return { line: `mail: over TLS to ${host}`, warning: false };
  if (tls === 'required')
    return {
      line: `mail: to ${host} with STARTTLS; a mail server that does not offer it gets nothing`,
      warning: false,
    };
  return {
    line: onThisMachine
      ? `mail: to ${host} on this machine, in clear unless it offers STARTTLS`
      : `mail: in clear to ${host} unless it offers STARTTLS, because SMTP_URL has requireTLS=false; links that set passwords can be read on the way`,
    warning: !onThisMachine,
  };
}

/**
 * A way to send mail, as SMTP_URL says.
 * @param smtpUrl may name the sender with `from`
 * @param issuer whose host is the sender's otherwise
 * @param deadlineMs how long handing over one message may take
 * @returns undefined when SMTP_URL is not set: what needs mail is then not offered
 */
export async function createMailer(
  smtpUrl: string | undefined,
  issuer: string,
  deadlineMs = DEADLINE_MS,
): Promise<Mailer | undefined> {
  if (smtpUrl === undefined) return undefined;
  // Loaded where it is used: most servers start without it.
  const { createTransport } = await import('nodemailer');
  const url = new URL(smtpUrl);
  const from = url.searchParams.get('from') ?? `no-reply@${new URL(issuer).hostname}`;
  url.searchParams.delete('from');
  const requireTLS = mailRoute(smtpUrl).tls === 'required';
  return {
    async send({ to, subject, text }) {
      let socket: Socket | undefined;
      const transport = createTransport({
        url: url.href,
        requireTLS,
        // Text comes from this server alone; a message must never read a file or fetch an address.
        disableFileAccess: true,
        disableUrlAccess: true,
        // A connection of our own, so that it can be ended.
        getSocket({ host, port, secure }, done) {
          socket = connect({ host: host ?? 'localhost', port: Number(port) || (secure ? 465 : 587) })
            .once('connect', () => done(null, { connection: socket }))
            .once('error', (error) => done(error, {}));
        },
      });
      try {
        const sending = transport.sendMail({ from, to: { name: '', address: to }, subject, text });
        await byDeadline(
          deadlineMs,
          sending,
          () => new Error(`The mail server did not take the message within ${deadlineMs / 1_000} s.`),
        );
      } catch (cause) {
        if ((cause as { code?: unknown }).code !== 'ETLS') throw cause;
        throw new Error(
          'The mail server offers no TLS that can be trusted, so nothing was sent to it. Use smtps://, have it offer STARTTLS, or put requireTLS=false into SMTP_URL where the network is yours.',
          { cause },
        );
      } finally {
        socket?.destroy();
      }
    },
  };
}
