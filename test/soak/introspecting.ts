/** Resource servers that ask about a token at every call, as fast as they are answered; each answer is compared. */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { signedInPerson } from '../support/audit.js';
import { introspect, TestClient, type Tokens, tokensOf } from '../support/client.js';
import type { TestServer } from '../support/server.js';

const AUTHORIZATION = `Basic ${Buffer.from('demo-mcp-server:demo-mcp-server-secret').toString('base64')}`;

export interface Asked {
  readonly token: string;
  /** What is said of it as long as nobody touches its connection. */
  readonly answer: string;
}

/** Connections that nobody touches. */
export async function connectionsToAskAbout(server: TestServer, count: number): Promise<Asked[]> {
  const client = await TestClient.register(server);
  const person = await signedInPerson(server);
  const asked: Asked[] = [];
  for (let n = 0; n < count; n++) {
    const { code, verifier } = await client.codeFor(person);
    const tokens: Tokens = tokensOf(await client.exchange(code, verifier));
    asked.push({ token: tokens.accessToken, answer: (await introspect(server, tokens.accessToken)).text });
  }
  return asked;
}

/**
 * Asks until told to stop.
 * @param asked what about, and what the answers must be
 * @param took is told how long each answer took, in milliseconds
 * @returns answers that were wrong
 */
export async function introspectOn(
  port: number,
  asked: readonly Asked[],
  took: (ms: number) => void,
  goesOn: () => boolean,
): Promise<string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const wrong: string[] = [];
  for (let n = 0; goesOn(); n++) {
    const { token, answer } = asked[n % asked.length] as Asked;
    const body = `token=${token}`;
    const headers = {
      authorization: AUTHORIZATION,
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': body.length,
    };
    const startedAt = performance.now();
    const sent = request({ host: '127.0.0.1', port, path: '/introspect', method: 'POST', agent, headers });
    sent.end(body);
    const [response] = await once(sent, 'response');
    const text = (await response.setEncoding('utf8').toArray()).join('');
    took(performance.now() - startedAt);
    if (text !== answer) wrong.push(text);
  }
  agent.destroy();
  return wrong;
}
