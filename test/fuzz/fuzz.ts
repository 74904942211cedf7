/** Throws malformed requests at a server and looks at what it does. */
import fc from 'fast-check';
import { request } from '../support/client.js';
import { Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';
import { type Around, getToKnow, type Known } from './known.js';
import { signOddly } from './oddAssertions.js';
import { rawBytes } from './rawBytes.js';
import { type FuzzRequest, fuzzRequests } from './requests.js';
import { newAgent, sendBytes, sendRequest } from './send.js';
import { comeFromUpstream } from './upstreamClaims.js';

const BATCH = 1_000;
const LANES = 8;
/** Of so many requests one is raw bytes. */
const RAW_EACH = 8;
/** How many people come from the upstream in each batch. */
const COMERS = 4;
/** A run that is over goes on up to this many times its length, until a request got into each endpoint. */
const LONGER = 4;
/** How many assertions with odd claims under right signatures are sent in each batch. */
const ODD_ASSERTIONS = 60;

type Statuses = ReadonlyMap<number, number>;

export interface Fuzzed {
  readonly requests: number;
  /** How many answers there were of each status. */
  readonly statuses: Statuses;
  /** The same for each endpoint. */
  readonly byEndpoint: ReadonlyMap<string, Statuses>;
  /** Endpoints of which no request got further than to the question who sends it. */
  readonly neverEntered: readonly string[];
  /** The same for assertions with odd claims, and registrations with odd keys. */
  readonly bySignature: Statuses;
  /** Answers that must not be, each with the request. */
  readonly wrong: readonly string[];
}

type Shot = { readonly request: FuzzRequest } | { readonly bytes: Buffer };

const shots = (known: Known, seed: number, count: number): Shot[] => {
  const requests = fuzzRequests(known);
  const shot = fc.oneof(
    { weight: RAW_EACH - 1, arbitrary: requests.map((one): Shot => ({ request: one })) },
    { weight: 1, arbitrary: rawBytes(requests).map((bytes): Shot => ({ bytes })) },
  );
  return fc.sample(shot, { numRuns: count, seed });
};

const notEntered = (byEndpoint: Fuzzed['byEndpoint']): string[] =>
  [...byEndpoint].flatMap(([name, statuses]) =>
    [...statuses.keys()].every((status) => [401, 403, 405, 429].includes(status)) ? [name] : [],
  );

const inWords = (shot: Shot): string =>
  'bytes' in shot
    ? JSON.stringify(shot.bytes.toString('latin1').slice(0, 600))
    : JSON.stringify({ ...shot.request, body: shot.request.body?.toString('latin1').slice(0, 600) });

/** What this server says when the upstream answers with an error of its own, or when somebody says that it did. */
const isOfUpstream = (status: number, shot: Shot): boolean =>
  [502, 503].includes(status) && 'request' in shot && shot.request.to.includes('/login/upstream/callback');

/**
 * @param count how many requests; more, as long as an endpoint was not entered
 * @param seed the same seed makes the same requests, but for what the server handed out
 * @param afterBatch called after each thousand
 */
export async function fuzz(
  server: TestServer,
  around: Around,
  { count, seed }: { count: number; seed: number },
  afterBatch: (sent: number) => void,
): Promise<Fuzzed> {
  const statuses = new Map<number, number>();
  const byEndpoint = new Map<string, Map<number, number>>();
  const bySignature = new Map<number, number>();
  const wrong: string[] = [];
  const agent = newAgent(LANES);
  const countIn = (map: Map<number, number>, status: number) => map.set(status, (map.get(status) ?? 0) + 1);
  const note = (status: number, shot: Shot): void => {
    countIn(statuses, status);
    if (status >= 500 && !isOfUpstream(status, shot)) wrong.push(`${status}: ${inWords(shot)}`);
    if ('bytes' in shot) return;
    const own = byEndpoint.get(shot.request.to) ?? new Map<number, number>();
    byEndpoint.set(shot.request.to, countIn(own, status));
  };
  const shoot = async (shot: Shot): Promise<void> => {
    try {
      if ('bytes' in shot) for (const status of await sendBytes(server.port, shot.bytes)) note(status, shot);
      else note(await sendRequest(server.port, agent, shot.request), shot);
    } catch (error) {
      wrong.push(`${error}: ${inWords(shot)}`);
    }
  };
  await useEveryThread(server);
  const isDone = (sent: number): boolean =>
    wrong.length >= 20 || (sent >= count && (sent >= LONGER * count || notEntered(byEndpoint).length === 0));
  let sent = 0;
  while (!isDone(sent)) {
    // Sessions end, codes are used up and switches are moved by what is sent, so each batch starts with new ones.
    const known = await getToKnow(server, around);
    const batch = shots(known, seed + sent, sent < count ? Math.min(BATCH, count - sent) : BATCH);
    const size = batch.length;
    const lanes = Array.from({ length: LANES }, async () => {
      for (let shot = batch.pop(); shot; shot = batch.pop()) await shoot(shot);
    });
    const comers = comeFromUpstream(server, around.upstream, { seed: seed + sent, count: COMERS }, (status, claims) => {
      if (status >= 500) wrong.push(`${status}: ${JSON.stringify(claims)}`);
    });
    const signed = { seed: seed + sent, count: ODD_ASSERTIONS };
    const signers = signOddly(server, known.signing, signed, (status, assertion) => {
      countIn(bySignature, status);
      if (status >= 500) wrong.push(`${status}: ${assertion}`);
    });
    await Promise.all([...lanes, comers, signers]);
    const { status } = await request(`http://localhost:${server.port}/health/ready`);
    sent += size;
    if (status !== 200) wrong.push(`not ready after ${sent} requests`);
    afterBatch(sent);
  }
  agent.destroy();
  return { requests: sent, statuses, byEndpoint, bySignature, neverEntered: notEntered(byEndpoint), wrong };
}

/** Each thread that hashes passwords keeps its 19 MB once it was used, which a later growth must not be mistaken for. */
async function useEveryThread(server: TestServer): Promise<void> {
  const guess = async () => {
    const person = new Person('nobody@example.com');
    await person.signIn(await person.open(server.url('/login')), 'guess');
  };
  for (let n = 0; n < 3; n++) await Promise.all(Array.from({ length: LANES }, guess));
}
