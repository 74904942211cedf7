/** What one attacker can ask for at once, in bursts with calm between them, and how long others wait in each. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { organizationPath, signedInPerson } from '../support/audit.js';
import { Browser } from '../support/browser.js';
import { TestClient, tokensOf } from '../support/client.js';
import { csrfOf } from '../support/forms.js';
import type { Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';

const BURST = fileURLToPath(new URL('./burst.mjs', import.meta.url));

/** Wrong passwords in a burst, as many as one address may try in a quarter of an hour. */
const PASSWORDS = 290;
const PAUSE_MS = 2_000;
const REFRESH_EVERY_MS = 20;

/** What each burst asks for. */
export const BURSTS = ['wrong passwords', 'refused sign-ins', 'switches', 'audit downloads', 'searches'] as const;

/** Which burst is under way. */
export type Phase = 'calm' | (typeof BURSTS)[number];

export interface Bursts {
  /** The phase of this moment. */
  phase(): Phase;
  /** How often each kind of burst was refused or answered, by status. */
  readonly statuses: Map<string, number>;
}

/**
 * Runs one burst after the other until told to stop.
 * @param server behind one proxy, so that each burst comes from an address of its own
 * @returns what goes on, and its end
 */
export async function startBursts(
  server: TestServer,
  goesOn: () => boolean,
): Promise<Bursts & { done: Promise<void> }> {
  const statuses = new Map<string, number>();
  const linus = await signedInPerson(server, 'linus@example.com');
  const organization = await organizationPath(server, linus, 'Closed Circuit');
  let phase: Phase = 'calm';
  let number = 0;
  const bursts: Record<(typeof BURSTS)[number], () => Promise<number[]>> = {
    'wrong passwords': () => passwords(server, (n) => `nobody${number}-${n}@example.com`, `198.18.${number % 250}.1`),
    'refused sign-ins': () => passwords(server, (n) => `refused${number}-${n}@example.com`, '198.19.0.1'),
    switches: () => switches(linus, organization),
    'audit downloads': () => opened(linus, `${organization}/audit.json?person=nobody`),
    searches: () => opened(linus, `${organization}/connections?text=nothing%20has%20this`),
  };
  const run = async (): Promise<void> => {
    for (; goesOn(); number++) {
      await sleep(PAUSE_MS);
      const name = BURSTS[number % BURSTS.length] ?? BURSTS[0];
      phase = name;
      for (const status of await bursts[name]()) {
        const key = `${name} ${status}`;
        statuses.set(key, (statuses.get(key) ?? 0) + 1);
      }
      phase = 'calm';
    }
  };
  return { phase: () => phase, statuses, done: run() };
}

interface Sent {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

/** Where an attacker's own machine is not: the processor that the server is bound to. */
const ELSEWHERE = ['taskset', '-c', String(availableParallelism() - 1)] as const;

/** Sends them all at once. @returns their statuses */
async function burstOf(requests: readonly Sent[]): Promise<number[]> {
  const [command, ...args] = [...ELSEWHERE, process.execPath, BURST];
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(requests));
  return z.array(z.int()).parse(await json(child.stdout));
}

const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

const formHeaders = async (browser: Browser, url: URL | string, more: Record<string, string> = {}) => ({
  'content-type': 'application/x-www-form-urlencoded',
  'sec-fetch-site': 'same-origin',
  cookie: await browser.jar.getCookieString(String(url)),
  ...more,
});

async function passwords(server: TestServer, emailOf: (n: number) => string, address: string): Promise<number[]> {
  const browser = new Browser({ 'x-forwarded-for': address });
  const url = server.url('/login');
  const csrf_token = csrfOf(await browser.open(url));
  const headers = await formHeaders(browser, url, { 'x-forwarded-for': address });
  const body = (n: number) => new URLSearchParams({ csrf_token, email: emailOf(n), password: 'wrong' }).toString();
  return burstOf(times(PASSWORDS, (n) => ({ url, headers, body: body(n) })));
}

async function switches({ browser }: Person, organization: string): Promise<number[]> {
  const csrf_token = csrfOf(await browser.open(`${organization}/settings`));
  const url = `${organization}/settings/mcp-access`;
  const headers = await formHeaders(browser, url);
  const body = (n: number) => new URLSearchParams({ csrf_token, mcp_access: n % 2 ? 'off' : 'on' }).toString();
  return burstOf(times(100, (n) => ({ url, headers, body: body(n) })));
}

async function opened({ browser }: Person, url: string): Promise<number[]> {
  const headers = { cookie: await browser.jar.getCookieString(url) };
  return burstOf(times(10, () => ({ url, headers })));
}

/**
 * Refreshes one connection now and then until told to stop.
 * @returns what was not answered with tokens
 */
export async function refreshOn(
  server: TestServer,
  took: (ms: number) => void,
  goesOn: () => boolean,
): Promise<string[]> {
  const client = await TestClient.register(server);
  let { refreshToken } = await client.connect();
  const wrong: string[] = [];
  while (goesOn()) {
    const startedAt = performance.now();
    const answer = await client.refresh(refreshToken);
    took(performance.now() - startedAt);
    if (answer.status !== 200) return [...wrong, `a refresh was answered ${answer.status} ${answer.text}`];
    ({ refreshToken } = tokensOf(answer));
    await sleep(REFRESH_EVERY_MS);
  }
  return wrong;
}
