/** Upstream sign-ins that were begun in one browser and wait for their answers. */
import type { Browser } from '../support/browser.js';
import type { TestServer } from '../support/server.js';
import { type TestUpstream, UpstreamPerson } from '../support/upstream.js';
import type { Session } from './known.js';

/** So many that not all are used up by the first requests. */
const BEGUN = 12;

export interface KnownUpstream {
  readonly issuer: string;
  /** A code that the upstream gave, and the state that belongs to it. */
  readonly code: string;
  readonly codeState: string;
  /** Of sign-ins that were not answered. */
  readonly states: readonly string[];
}

/**
 * Comes from the upstream once, then begins other sign-ins.
 * @param login somebody whom the upstream does not know yet
 */
export async function begunAtUpstream(
  server: TestServer,
  upstream: TestUpstream,
  login: string,
): Promise<KnownUpstream & { session: Session }> {
  await upstream.person(login, { email: `${login}@upstream.test`, email_verified: true, name: login });
  const person = new UpstreamPerson(login);
  const { browser } = person;
  await browser.open(await person.answer(await begin(server, browser)));
  const back = await person.answer(await begin(server, browser));
  const states: string[] = [];
  for (let n = 0; n < BEGUN; n++) states.push(stateOf(await begin(server, browser)));
  const cookies = await browser.jar.getCookieString(`${server.issuer}/login/upstream/callback`);
  return {
    session: { cookies, csrf: '' },
    issuer: upstream.issuer,
    code: back.searchParams.get('code') ?? '',
    codeState: stateOf(back),
    states,
  };
}

const stateOf = (url: URL): string => url.searchParams.get('state') ?? '';

/** Where the upstream is asked. */
async function begin(server: TestServer, browser: Browser): Promise<URL> {
  const { leftFor, status } = await browser.open(server.url('/login/upstream'));
  if (!leftFor) throw new Error(`Not sent to the upstream: ${status}`);
  return leftFor;
}
