/** What an attacker has got hold of: sessions with the tokens of their forms, a client, tokens, and ids that exist. */
import { createHash } from 'node:crypto';
import { PASSWORD, type Worlds } from '../model/worlds.js';
import { adminToken } from '../support/adminClient.js';
import { Browser } from '../support/browser.js';
import { introspect, TestClient, tokensOf } from '../support/client.js';
import { csrfOf, post } from '../support/forms.js';
import { linkIn, type MailServer } from '../support/mailServer.js';
import { clientRedirect, Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';
import { newClientKey, registerSigning, type SigningClient } from '../support/signingClient.js';
import type { TestUpstream } from '../support/upstream.js';
import type { Sender } from './endpoint.js';
import { begunAtUpstream, type KnownUpstream } from './knownUpstream.js';

export interface Session {
  readonly cookies: string;
  readonly csrf: string;
}

export interface Known {
  readonly email: string;
  readonly sessions: Readonly<Record<Sender, Session>>;
  readonly adminToken: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly code: string;
  readonly verifier: string;
  readonly challenge: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** A client that signs, with its key. */
  readonly signing: SigningClient;
  readonly uid: string;
  readonly uidToApprove: string;
  readonly uidToDeny: string;
  readonly organization: string;
  readonly spareOrganization: string;
  readonly account: string;
  readonly member: string;
  readonly spareAccount: string;
  readonly connection: string;
  readonly spareConnection: string;
  readonly invitation: string;
  readonly invitationToAccept: string;
  readonly invitationId: string;
  readonly reset: string;
  readonly upstream: KnownUpstream;
  readonly asset: string;
}

export interface Around {
  /** People who have next to nothing: the pages of somebody who gathers more and more grow with it. */
  readonly worlds: Worlds;
  readonly mail: MailServer;
  readonly upstream: TestUpstream;
}

/** Signs in as somebody whom nobody was before, connects, starts other authorizations, and reads ids off. */
export async function getToKnow(server: TestServer, { worlds, mail, upstream }: Around): Promise<Known> {
  const { people, organizations } = await worlds.next(Date.now());
  const [a, b, c, d] = people;
  const [shared, spare] = organizations;
  if (!a || !b || !c || !d || !shared || !spare) throw new Error('a world without people');
  const client = await TestClient.register(server);
  const key = await newClientKey();
  const signing = await registerSigning(server, key, { jwks: { keys: [key.publicJwk] } });
  const owner = new Person(a.email);
  const home = await owner.signIn(await owner.open(server.url('/login')), PASSWORD);
  const first = client.authorize({ scope: 'openid mcp:read' });
  const redirect = clientRedirect(await owner.decide(await owner.open(first.url), shared.name));
  const tokens = await client.exchange(redirect.searchParams.get('code') ?? '', first.verifier);
  const { accessToken, refreshToken } = tokensOf(tokens);
  const { json } = await introspect(server, accessToken);
  const { code, verifier } = await client.codeFor(owner, shared.name);
  const uidOf = async () => (await owner.open(client.authorize().url)).url.pathname.split('/').at(-1) ?? '';
  const [uid, uidToApprove, uidToDeny] = [await uidOf(), await uidOf(), await uidOf()];
  const members = server.url(`/organizations/${shared.id}/members`);
  const invited = async (email: string): Promise<string> => {
    const fields = { csrf_token: csrfOf(home), email, 'role:insights': 'on' };
    await post(owner.browser, `${members}/add`, fields);
    return (
      linkIn(await mail.messageTo(email))
        .split('/')
        .at(-1) ?? ''
    );
  };
  await invited(`renewed-${c.accountId}@model.test`);
  const resend = (await owner.open(members)).html.querySelector('form[action$="/resend"]')?.getAttribute('action');
  const invitation = await invited(`invited-${c.accountId}@model.test`);
  const invitationToAccept = await invited(`new-${c.accountId}@model.test`);
  const leaver = new Person(c.email);
  const left = await leaver.signIn(await leaver.open(server.url('/login')), PASSWORD);
  const guest = new Browser();
  const forgotten = await guest.open(server.url('/password/forgotten'));
  await post(guest, forgotten.url, { csrf_token: csrfOf(forgotten), email: c.email });
  const ownerAt = (path: string) => sessionOf(owner.browser, server.url(path), csrfOf(home));
  const { session: comer, ...begun } = await begunAtUpstream(server, upstream, c.accountId);
  return {
    email: a.email,
    sessions: {
      owner: await ownerAt(`/interaction/${uid}`),
      approver: await ownerAt(`/interaction/${uidToApprove}`),
      denier: await ownerAt(`/interaction/${uidToDeny}`),
      resumer: await ownerAt(`/authorize/${uidToDeny}`),
      leaver: await sessionOf(leaver.browser, server.issuer, csrfOf(left)),
      guest: await sessionOf(guest, server.issuer, csrfOf(forgotten)),
      comer,
    },
    adminToken: String((await adminToken(server)).json.access_token),
    clientId: client.clientId,
    redirectUri: client.redirectUri,
    code,
    verifier,
    challenge: createHash('sha256').update(verifier).digest('base64url'),
    accessToken,
    refreshToken,
    signing,
    uid,
    uidToApprove,
    uidToDeny,
    organization: shared.id,
    spareOrganization: spare.id,
    account: a.accountId,
    member: b.accountId,
    spareAccount: d.accountId,
    connection: String(json.connection_id),
    spareConnection: 'con_x',
    invitation,
    invitationToAccept,
    invitationId: resend?.split('/').at(-2) ?? '',
    reset:
      linkIn(await mail.messageTo(c.email))
        .split('/')
        .at(-1) ?? '',
    upstream: begun,
    asset: 'style.css',
  };
}

const sessionOf = async (browser: Browser, address: string, csrf: string): Promise<Session> => ({
  cookies: await browser.jar.getCookieString(address),
  csrf,
});
