/** A mail server on this machine that keeps what it gets. */
import { EventEmitter, once } from 'node:events';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { freePort } from './childServer.js';

export interface MailServer {
  /** For the environment variable SMTP_URL. */
  readonly url: string;
  /** What came in, as it came in. */
  readonly messages: string[];
  /** The first message that names an address, now or when it comes. */
  messageTo(address: string): Promise<string>;
  /** Whether it takes messages; it does at first. */
  refuse(refusing: boolean): void;
  stop(): Promise<void>;
}

/** Starts it on a free port, without TLS and without a password. */
export async function startMailServer(): Promise<MailServer> {
  const messages: string[] = [];
  const arrivals = new EventEmitter();
  let refusing = false;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: (_address, _session, done) => done(refusing ? new Error('Mailbox unavailable') : null),
    onData: (stream, _session, done) => {
      text(stream).then((message) => {
        messages.push(message);
        arrivals.emit('message');
        done();
      }, done);
    },
  });
  const port = await freePort();
  const listening = server.listen(port, '127.0.0.1');
  await once(listening, 'listening');
  return {
    url: `smtp://127.0.0.1:${port}?from=login@auth.test`,
    messages,
    messageTo: async (address) => {
      for (;;) {
        const found = messages.find((message) => message.includes(address));
        if (found !== undefined) return found;
        await once(arrivals, 'message');
      }
    },
    refuse: (now) => {
      refusing = now;
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The first link in a message, put together again where quoted-printable broke the line. */
export function linkIn(message: string | undefined): string {
  const plain = (message ?? '').replace(/=\r?\n/g, '').replaceAll('=3D', '=');
  const link = /https?:\/\/\S+/.exec(plain)?.[0];
  if (!link) throw new Error(`No link in the message:\n${message}`);
  return link;
}
