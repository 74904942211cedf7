/** The servers as people, clients and resource servers reach them over HTTP; every request may go to any of the servers. */
import { leadsTo } from '../support/browser.js';
import { type Answer, basic, DEMO_RESOURCE_SERVER, form, introspect, request, TestClient } from '../support/client.js';
import { csrfOf, post } from '../support/forms.js';
import { offeredOrganizations, Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';
import { Operator } from './operator.js';
import { CALLBACK, OTHER_API, PRE_REGISTERED } from './servers.js';
import type { ModelClient, ModelCode, ModelOrganization, ModelPerson, ModelResource } from './things.js';
import { PASSWORD } from './worlds.js';

interface SignedInPerson {
  readonly person: Person;
  readonly csrf: string;
}

export interface Consented {
  readonly offered: readonly string[];
  readonly status: number;
  readonly code?: string;
  readonly verifier: string;
}

export class Reality {
  readonly #people = new Map<ModelPerson, SignedInPerson>();
  readonly #clients: TestClient[] = [];
  readonly #operator: Operator;

  /**
   * @param servers of one issuer, which is the first one's address
   * @param now says where their clock stands
   */
  constructor(
    readonly servers: readonly TestServer[],
    now: () => number,
  ) {
    this.#operator = new Operator(now);
  }

  server(n: number): TestServer {
    return this.servers[n % this.servers.length] as TestServer;
  }

  async register(n: number): Promise<void> {
    this.#clients.push(await TestClient.register(this.server(n)));
  }

  /** The client that the configuration names. */
  preRegistered(): void {
    this.#clients.push(TestClient.known(this.server(0), PRE_REGISTERED, CALLBACK));
  }

  /** A client, asking a server for tokens of a resource. */
  client({ index }: ModelClient, { indicator }: ModelResource, n: number): TestClient {
    const known = this.#clients[index] as TestClient;
    return TestClient.known(this.server(n), known.clientId, known.redirectUri, indicator);
  }

  /** Opens the consent page and approves an organization, whether or not it is offered. */
  async consent(
    by: ModelPerson,
    organization: ModelOrganization,
    client: ModelClient,
    resource: ModelResource,
    scope: string | undefined,
  ): Promise<Consented> {
    const { person } = await this.#signedIn(by);
    const { url, verifier } = this.client(client, resource, 0).authorize({ scope });
    const page = await person.open(url);
    const offered = offeredOrganizations(page).map(({ id }) => id);
    const shown = page.html.querySelector('input[name=shown]')?.getAttribute('value') ?? '';
    const fields = { csrf_token: csrfOf(page), decision: 'approve', organization_id: organization.id, shown };
    const answer = await post(person.browser, page.url, fields);
    if (answer.status !== 303) return { offered, status: answer.status, verifier };
    const resumed = await person.browser.send(new URL(answer.headers.get('location') ?? '', page.url));
    const onward = leadsTo(resumed.status, resumed.headers, await resumed.text());
    const code = new URL(onward ?? '').searchParams.get('code') ?? '';
    return { offered, status: 303, code, verifier };
  }

  exchange({ connection, value, verifier }: ModelCode, client: ModelClient, right: boolean, n: number) {
    return this.client(client, connection.resource, n).exchange(value, right ? verifier : `${verifier}x`);
  }

  /** What the resource server gets at the other API in exchange for a client's token. */
  exchangeToken(token: string, scope: string | undefined, n: number): Promise<Answer> {
    return request(this.server(n).url('/token'), {
      method: 'POST',
      headers: DEMO_RESOURCE_SERVER,
      body: form({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: token,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        resource: OTHER_API.indicator,
        scope,
      }),
    });
  }

  /** What the other API is told of a token that was got for it. */
  introspectElsewhere(token: string, n: number): Promise<Answer> {
    return introspect(this.server(n), token, basic(OTHER_API.clientId, OTHER_API.secret));
  }

  introspect(token: string, n: number): Promise<Answer> {
    return introspect(this.server(n), token);
  }

  /** Posts a form as somebody who is signed in. */
  async post(by: ModelPerson, path: string, fields: Record<string, string>, n: number): Promise<Answer> {
    const { person, csrf } = await this.#signedIn(by);
    return post(person.browser, this.server(n).url(path), { csrf_token: csrf, ...fields });
  }

  /** What the operator's backend sends to the Admin API. */
  operate(method: 'GET' | 'PUT' | 'DELETE', path: string, n: number, body?: object): Promise<Answer> {
    return this.#operator.send(this.server(n), method, path, body);
  }

  /** The token of the invitation that the form before made. */
  async invitationToken(by: ModelPerson, members: string): Promise<string> {
    const { person } = await this.#signedIn(by);
    const page = await person.open(this.server(0).url(members));
    return page.html.querySelector('#invitation-link')?.textContent.split('/').at(-1) ?? '';
  }

  /** The connections that a person's page lists: ids, and until when. */
  async listed(by: ModelPerson, n: number): Promise<{ id: string; until: string }[]> {
    const { person } = await this.#signedIn(by);
    const page = await person.open(this.server(n).url('/account/connections'));
    return page.html.querySelectorAll('a[href*="/account/connections/"][href$="/remove"]').map((link) => ({
      id: link.getAttribute('href')?.split('/').at(-2) ?? '',
      until: link.closest('tr')?.querySelectorAll('time').at(-1)?.getAttribute('datetime') ?? '',
    }));
  }

  async #signedIn(by: ModelPerson): Promise<SignedInPerson> {
    const known = this.#people.get(by);
    if (known) return known;
    const person = new Person(by.email);
    const page = await person.signIn(await person.open(this.server(0).url('/login')), PASSWORD);
    const signedIn = { person, csrf: csrfOf(page) };
    this.#people.set(by, signedIn);
    return signedIn;
  }
}
