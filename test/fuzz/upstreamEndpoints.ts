/** Upstream sign-in: the way there, and the way back with what an upstream, or somebody in its place, sends along. */
import { type Endpoint, get } from './endpoint.js';
import type { Known } from './known.js';

const CALLBACK = '/login/upstream/callback';

/** Sent by a browser in which the sign-ins were begun; each works once, so there are several. */
export function upstreamEndpoints({ upstream: { issuer, code, codeState, states } }: Known): Endpoint[] {
  const iss = { iss: issuer };
  const answers = [
    { ...iss, code: 'x' },
    { code },
    { ...iss, error: 'access_denied', error_description: 'No.' },
    { ...iss, error: 'login_required', error_uri: 'https://x.example/' },
    { ...iss, code: 'x', id_token: 'e30.e30.e30', access_token: 'x' },
    { ...iss, response: 'e30.e30.e30' },
  ];
  return [
    get('/login/upstream', { return_to: '/account', again: '1', since: '1795000000000' }, 'comer'),
    get(CALLBACK, { ...iss, code, state: codeState }, 'comer'),
    ...states.map((state, n) => get(CALLBACK, { ...answers[n % answers.length], state }, 'comer')),
    get(CALLBACK, { ...iss, code: 'x', state: 'x' }),
  ];
}
