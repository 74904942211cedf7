/** What one connection of the load sends. */
import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import type { Request } from 'autocannon';
import type { Asked } from './contestant.js';
import type { Job, Signing } from './load.js';

/**
 * The requests of a connection: all connections together send all of the job's, each its own, about in their order, as
 * clients exchange their codes in the order in which these were made.
 * @param nth which connection
 * @param noteWrong is told an answer that ends a chain
 */
export function requestsOf(job: Job, nth: number, noteWrong: (answer: string) => void): Request[] {
  const own = job.asked.filter((_, index) => index % job.connections === nth);
  const [first] = own;
  if (!first) throw new Error('There are fewer requests than connections.');
  return job.refreshing ? [refreshing(first, job, noteWrong)] : own.map((asked) => ({ method: 'POST', ...asked }));
}

/** A client that refreshes with the token it got last. */
function refreshing(first: Asked, { signing, port }: Job, noteWrong: (answer: string) => void): Request {
  const form = new URLSearchParams(first.body);
  const assertion = signing && assertions(signing, `http://127.0.0.1:${port}`);
  if (assertion) form.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
  return {
    method: 'POST',
    ...first,
    setupRequest: (request) => {
      if (assertion) form.set('client_assertion', assertion());
      return { ...request, body: form.toString() };
    },
    onResponse: (status, body) => {
      if (status === 200)
        form.set('refresh_token', String((JSON.parse(body) as { refresh_token?: string }).refresh_token));
      else noteWrong(`${status} ${body}`);
    },
  };
}

/** @returns makes an assertion for one request, at once: the load cannot wait in between */
function assertions({ clientId, privateJwk }: Signing, issuer: string): () => string {
  const key = createPrivateKey({ key: { ...privateJwk }, format: 'jwk' });
  const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const head = encoded({ alg: 'ES256', typ: 'client-authentication+jwt' });
  return () => {
    const now = Math.floor(Date.now() / 1_000);
    const claims = { iss: clientId, sub: clientId, aud: issuer, iat: now, exp: now + 300, jti: randomUUID() };
    const signed = `${head}.${encoded(claims)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };
}
