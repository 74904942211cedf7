#!/bin/sh
# Versions:  @modelcontextprotocol/sdk 1.32.2 and @modelcontextprotocol/client 2.4.0.
# Behaviour: what an MCP client does with its tokens after a failed refresh hangs on the error code alone, and the two
#            generations of the SDK disagree. 403 access_denied and 503 temporarily_unavailable keep the tokens and throw; 500
#            server_error keeps them and still sends the person to the browser; 429 slow_down opens a browser in 1.x
#            and throws in 2.x; Retry-After is read by neither.
# Hurt:      people whose authorization server answers an outage with server_error: each open client shows a sign-in page,
#            although its refresh token is good. Servers that refuse for a while do better with temporarily_unavailable.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts \
  @modelcontextprotocol/sdk@1.32.2 @modelcontextprotocol/client@2.4.0
cat >refresh.mjs <<'JS'
import { createServer } from 'node:http';

let failure;
const server = createServer((request, response) => {
  const json = (status, body) =>
    response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '5' }).end(JSON.stringify(body));
  if (request.url.startsWith('/.well-known/oauth-protected-resource'))
    return json(200, { resource: `${origin}/mcp`, authorization_servers: [origin] });
  if (request.url.startsWith('/.well-known/'))
    return json(200, {
      issuer: origin,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none'],
    });
  if (request.url === '/token') return json(failure.status, { error: failure.error });
  response.writeHead(404).end();
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${server.address().port}`;

const redirectUrl = 'http://127.0.0.1:1/callback';
async function refreshed(auth) {
  let tokens = { access_token: 'a', token_type: 'Bearer', refresh_token: 'r', issuer: origin };
  let opened = 'no browser';
  const provider = {
    redirectUrl,
    clientMetadata: { redirect_uris: [redirectUrl], client_name: 'Finding' },
    clientInformation: () => ({ client_id: 'c', redirect_uris: [redirectUrl], issuer: origin }),
    saveClientInformation: () => undefined,
    tokens: () => tokens,
    saveTokens: () => undefined,
    redirectToAuthorization: () => void (opened = 'browser'),
    saveCodeVerifier: () => undefined,
    codeVerifier: () => 'v',
    state: () => 's',
    invalidateCredentials: (what) => {
      if (what === 'tokens' || what === 'all') tokens = undefined;
    },
  };
  await auth(provider, { serverUrl: `${origin}/mcp` }).catch(() => undefined);
  return `${tokens ? 'tokens kept' : 'tokens dropped'}, ${opened}`;
}

const generations = {
  1: (await import('@modelcontextprotocol/sdk/client/auth.js')).auth,
  2: (await import('@modelcontextprotocol/client')).auth,
};
for (const [status, error] of [
  [400, 'invalid_grant'],
  [403, 'access_denied'],
  [503, 'temporarily_unavailable'],
  [500, 'server_error'],
  [429, 'slow_down'],
]) {
  failure = { status, error };
  for (const [version, auth] of Object.entries(generations))
    console.log(`${version}.x ${status} ${error}: ${await refreshed(auth)}`);
}
server.close();
JS
node refresh.mjs 2>/dev/null | tee seen.txt
cat >expected.txt <<'TXT'
1.x 400 invalid_grant: tokens dropped, browser
2.x 400 invalid_grant: tokens dropped, browser
1.x 403 access_denied: tokens kept, no browser
2.x 403 access_denied: tokens kept, no browser
1.x 503 temporarily_unavailable: tokens kept, no browser
2.x 503 temporarily_unavailable: tokens kept, no browser
1.x 500 server_error: tokens kept, browser
2.x 500 server_error: tokens kept, browser
1.x 429 slow_down: tokens kept, browser
2.x 429 slow_down: tokens kept, no browser
TXT
diff expected.txt seen.txt && echo 'As described.'
