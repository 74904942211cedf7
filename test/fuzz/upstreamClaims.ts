/** People who come from the upstream with claims that no upstream should send. */
import fc from 'fast-check';
import type { TestServer } from '../support/server.js';
import { type Claims, type TestUpstream, UpstreamPerson } from '../support/upstream.js';
import { valueLike } from './values.js';

const claim = (honest: unknown): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constant(honest) },
    { weight: 2, arbitrary: typeof honest === 'string' ? valueLike(honest) : fc.constant(undefined) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  );

const claimsLike = (login: string): fc.Arbitrary<Claims> =>
  fc.record({
    email: claim(`${login}@upstream.test`),
    email_verified: claim(true),
    name: claim('Joan Clarke'),
    groups: claim(['staff', 'admins']),
    _claim_names: claim(undefined),
  });

/**
 * Signs some people in.
 * @param note is told the status of the answer to each, and the claims
 */
export async function comeFromUpstream(
  server: TestServer,
  upstream: TestUpstream,
  { seed, count }: { seed: number; count: number },
  note: (status: number, claims: Claims) => void,
): Promise<void> {
  for (let n = 0; n < count; n++) {
    const login = `odd-${seed}-${n}`;
    const [claims] = fc.sample(claimsLike(login), { numRuns: 1, seed: seed + n }) as [Claims];
    await upstream.person(login, claims);
    const person = new UpstreamPerson(login);
    const { leftFor } = await person.browser.open(server.url('/login/upstream'));
    if (!leftFor) throw new Error('not sent to the upstream');
    const { status } = await person.browser.send(await person.answer(leftFor));
    note(status, claims);
  }
}
