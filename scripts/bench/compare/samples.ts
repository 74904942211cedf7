/** Access tokens with what this server answers about them; the other servers get the same to answer. */
import type { Asked } from './contestant.js';

export interface Sample {
  readonly token: string;
  readonly asked: Asked;
  /** The JSON of an active answer; ASCII. */
  readonly answer: string;
}

/** Asks a server about tokens, each in one request. */
export async function samplesOf(port: number, tokens: readonly string[], client: string): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const token of tokens) {
    const asked = introspectionOf(token, client);
    const { path, ...request } = asked;
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', ...request });
    const answer = await response.text();
    if (!answer.startsWith('{"active":true')) throw new Error(`Not active: ${response.status} ${answer}`);
    samples.push({ token, asked, answer });
  }
  return samples;
}

/** @param client its id and secret with a colon between them */
export const introspectionOf = (token: string, client: string): Asked => ({
  path: '/introspect',
  headers: {
    authorization: `Basic ${Buffer.from(client).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
  },
  body: `token=${token}`,
});
