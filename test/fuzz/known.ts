/** What an attacker has got hold of: a session of the demo directory, a client, tokens, and ids that exist. */
import { createHash } from 'node:crypto';
import { organizationPath, signedInPerson } from '../support/audit.js';
import { introspect, TestClient } from '../support/client.js';
import { csrfOf } from '../support/forms.js';
import type { TestServer } from '../support/server.js';

export interface Known {
  readonly email: string;
  readonly cookies: string;
  readonly csrf: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly code: string;
  readonly verifier: string;
  readonly challenge: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly uid: string;
  readonly organization: string;
  readonly account: string;
  readonly connection: string;
  readonly invitation: string;
  readonly asset: string;
}

/** Signs in, connects, starts another authorization, and reads ids off. */
export async function getToKnow(server: TestServer): Promise<Known> {
  const client = await TestClient.register(server);
  const person = await signedInPerson(server);
  const { accessToken, refreshToken } = await client.connect({ organization: '(personal)' });
  const { json } = await introspect(server, accessToken);
  const { code, verifier } = await client.codeFor(person, '(personal)');
  const consent = await person.open(client.authorize().url);
  const organization = (await organizationPath(server, person, 'Acme Robotics')).split('/').at(-1) ?? '';
  return {
    email: person.email,
    cookies: await person.browser.jar.getCookieString(consent.url.href),
    csrf: csrfOf(consent),
    clientId: client.clientId,
    redirectUri: client.redirectUri,
    code,
    verifier,
    challenge: createHash('sha256').update(verifier).digest('base64url'),
    accessToken,
    refreshToken,
    uid: consent.url.pathname.split('/').at(-1) ?? '',
    organization,
    account: String(json.sub),
    connection: String(json.connection_id),
    invitation: 'A'.repeat(43),
    asset: 'style.css',
  };
}
