/** @node-oauth/oauth2-server as it comes, in memory: it has no introspection, so its `authenticate` says who acts. */
import { createHash, timingSafeEqual } from 'node:crypto';
import OAuth2Server from '@node-oauth/oauth2-server';
import type { Sample } from '../samples.js';
import { input, listening } from './ready.js';

const samples = await input<readonly Sample[]>();
const stored = new Map(
  samples.map(({ token, answer }) => {
    const { active: _, ...claims } = JSON.parse(answer) as Record<string, unknown> & { exp: number; scope: string };
    const kept: OAuth2Server.Token = {
      accessToken: token,
      accessTokenExpiresAt: new Date(claims.exp * 1_000),
      scope: claims.scope.split(' '),
      client: { id: String(claims.client_id), grants: [] },
      user: claims,
    };
    return [token, kept] as const;
  }),
);
// `authenticate` needs nothing else of a model; its type declarations ask for a whole grant.
const model = { getAccessToken: async (token: string) => stored.get(token), verifyScope: async () => true };
const oauth = new OAuth2Server({ model: model as unknown as OAuth2Server.AuthorizationCodeModel });

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();
const right = hashOf(samples[0]?.asked.headers.authorization ?? '');

async function introspected(authorization: string, body: string): Promise<{ status: number; answer: object }> {
  if (!timingSafeEqual(hashOf(authorization), right)) return { status: 401, answer: { error: 'invalid_client' } };
  const headers = { authorization: `Bearer ${new URLSearchParams(body).get('token') ?? ''}` };
  const request = new OAuth2Server.Request({ headers, method: 'POST', query: {} });
  try {
    const { user } = await oauth.authenticate(request, new OAuth2Server.Response());
    return { status: 200, answer: { active: true, ...user } };
  } catch (error) {
    if (!(error instanceof OAuth2Server.InvalidTokenError)) throw error;
    return { status: 200, answer: { active: false } };
  }
}

listening(
  (req, res) => {
    let body = '';
    req.setEncoding('utf8');
    req.on('data', (chunk: string) => {
      body += chunk;
    });
    req.on('end', async () => {
      const { status, answer } = await introspected(req.headers.authorization ?? '', body);
      const json = JSON.stringify(answer);
      res
        .writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(json) })
        .end(json);
    });
  },
  samples.map(({ asked }) => asked),
);
