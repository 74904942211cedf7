/** An OpenID provider in a process of its own: people sign in there with their name alone, and tests say who they are. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import Provider from 'oidc-provider';

const { UPSTREAM_URL: issuer, UPSTREAM_STATE: stateFile, UPSTREAM_CLIENT: client } = process.env;

/** The people and the faults of this moment, as the test wrote them. */
const state = async () => JSON.parse(await readFile(stateFile, 'utf8'));

const provider = new Provider(issuer, {
  clients: [JSON.parse(client)],
  claims: { openid: ['sub', 'groups', '_claim_names'], email: ['email', 'email_verified'], profile: ['name'] },
  cookies: { keys: ['of the tests'] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
  pkce: { required: () => true },
  findAccount: async (_ctx, sub) => ({
    accountId: sub,
    claims: async () => ({ sub, ...(await state()).people[sub] }),
  }),
});

const issue = provider.IdToken.prototype.issue;
provider.IdToken.prototype.issue = async function (...options) {
  if ((await state()).wrongNonce) this.set('nonce', 'of another sign-in');
  return issue.apply(this, options);
};

const FORM = `<form method="post"><input name="login"><button name="act" value="sign-in">Sign in</button>
<button name="act" value="cancel">Cancel</button></form>`;

/** Consent is given for everybody; what counts is who signs in. */
async function answerOf(req, res, fields) {
  const { prompt, params, session } = await provider.interactionDetails(req, res);
  if (fields?.get('act') === 'cancel') return { error: 'access_denied', error_description: 'Cancelled.' };
  if (prompt.name === 'login') return fields ? { login: { accountId: fields.get('login') } } : undefined;
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  return { consent: { grantId: await grant.save() } };
}

const CHALLENGES = {
  '/token': ['token', 'Basic realm="upstream"', 'invalid_client'],
  '/me': ['userinfo', 'Bearer error="invalid_token"', 'invalid_token'],
};

/** Answers 401 where the test wants it. */
async function refused(req, res) {
  const [endpoint, challenge, error] = CHALLENGES[req.url] ?? [];
  if (endpoint === undefined || (await state()).refusesAt !== endpoint) return false;
  res.writeHead(401, { 'www-authenticate': challenge, 'content-type': 'application/json' });
  res.end(JSON.stringify({ error }));
  return true;
}

const library = provider.callback();
createServer(async (req, res) => {
  if (req.url === '/ready') return res.end();
  if (!req.url.startsWith('/interaction/')) return (await refused(req, res)) || library(req, res);
  try {
    const answer = await answerOf(req, res, req.method === 'POST' ? new URLSearchParams(await text(req)) : undefined);
    if (answer) await provider.interactionFinished(req, res, answer);
    else res.setHeader('Content-Type', 'text/html').end(FORM);
  } catch (error) {
    res.writeHead(500).end(String(error.stack));
  }
}).listen(new URL(issuer).port, '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
