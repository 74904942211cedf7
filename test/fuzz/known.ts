/** What an attacker has got hold of: a session, a client, tokens, and ids that exist. */
import { createHash } from 'node:crypto';
import { PASSWORD, type Worlds } from '../model/worlds.js';
import { introspect, TestClient, type Tokens, tokensOf } from '../support/client.js';
import { csrfOf } from '../support/forms.js';
import { Person } from '../support/person.js';
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

/**
 * Signs in as somebody whom nobody was before, connects, starts another authorization, and reads ids off.
 * @param worlds people who have next to nothing: the pages of somebody who gathers more and more grow with it
 */
export async function getToKnow(server: TestServer, worlds: Worlds): Promise<Known> {
  const { people, organizations } = await worlds.next(Date.now());
  const [owner] = people;
  const [shared] = organizations;
  if (!owner || !shared) throw new Error('a world without people');
  const { email, accountId: account } = owner;
  const { id: organization, name } = shared;
  const client = await TestClient.register(server);
  const person = new Person(email);
  await person.signIn(await person.open(server.url('/login')), PASSWORD);
  const { accessToken, refreshToken } = await connected(client, person, name);
  const { json } = await introspect(server, accessToken);
  const { code, verifier } = await client.codeFor(person, name);
  const consent = await person.open(client.authorize().url);
  return {
    email,
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
    account,
    connection: String(json.connection_id),
    invitation: 'A'.repeat(43),
    asset: 'style.css',
  };
}

async function connected(client: TestClient, person: Person, organization: string): Promise<Tokens> {
  const { code, verifier } = await client.codeFor(person, organization);
  return tokensOf(await client.exchange(code, verifier));
}
