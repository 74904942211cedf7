/** Mail: single-use links for people who cannot sign in yet. Plain text, one recipient, over SMTP. */

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

/** A mail server that does not answer must not keep somebody waiting for minutes. */
const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };

/**
 * A way to send mail, as SMTP_URL says.
 * @param smtpUrl may name the sender with `from`
 * @param issuer whose host is the sender's otherwise
 * @returns undefined when SMTP_URL is not set: what needs mail is then not offered
 */
export async function createMailer(smtpUrl: string | undefined, issuer: string): Promise<Mailer | undefined> {
  if (smtpUrl === undefined) return undefined;
  // Loaded where it is used: most servers start without it.
  const { createTransport } = await import('nodemailer');
  const url = new URL(smtpUrl);
  const from = url.searchParams.get('from') ?? `no-reply@${new URL(issuer).hostname}`;
  url.searchParams.delete('from');
  const transport = createTransport({
    ...TIMEOUTS,
    url: url.href,
    // Text comes from this server alone; a message must never read a file or fetch an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ to, subject, text }) {
      await transport.sendMail({ from, to: { name: '', address: to }, subject, text });
    },
  };
}
