#!/bin/sh
# Versions:  @ai-sdk/mcp 2.0.99.
# Behaviour: whatever a refresh is answered with, the AI SDK's MCP client goes on to send the person to the browser: also on 503
#            temporarily_unavailable and 429 slow_down with Retry-After, and on 403 access_denied, where it has kept a refresh token that works
#            again a moment later. It asks once, tries nothing again, and does not show what the server said. (The MCP SDKs throw.)
# Hurt:      people whose authorization server is restarted or limits requests: each agent opens a sign-in page and may end up with a second
#            grant beside the first, which is never revoked. Servers do better to hold such a request for a few seconds than to refuse it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts @ai-sdk/mcp@2.0.99 zod@4.6.7
cat >refresh.mjs <<'JS'
import { createServer } from 'node:http';
import { auth } from '@ai-sdk/mcp';

let failure;
let asked;
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
  asked += 1;
  json(failure.status, { error: failure.error, error_description: 'Try again in a few seconds.' });
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${server.address().port}`;

for (const [status, error] of [
  [400, 'invalid_grant'],
  [403, 'access_denied'],
  [429, 'slow_down'],
  [500, 'server_error'],
  [503, 'temporarily_unavailable'],
]) {
  failure = { status, error };
  asked = 0;
  let tokens = { access_token: 'a', token_type: 'Bearer', refresh_token: 'r' };
  let opened = 'no browser';
  let authorizationServer = { authorizationServerUrl: origin, tokenEndpoint: `${origin}/token` };
  const provider = {
    redirectUrl: 'http://127.0.0.1:1/callback',
    clientMetadata: { redirect_uris: ['http://127.0.0.1:1/callback'] },
    clientInformation: () => ({ client_id: 'c' }),
    authorizationServerInformation: () => authorizationServer,
    saveAuthorizationServerInformation: (information) => void (authorizationServer = information),
    tokens: () => tokens,
    saveTokens: () => undefined,
    redirectToAuthorization: () => void (opened = 'browser'),
    saveCodeVerifier: () => undefined,
    codeVerifier: () => 'v',
    state: () => 's',
    invalidateCredentials: () => void (tokens = undefined),
  };
  const outcome = await auth(provider, { serverUrl: `${origin}/mcp` }).catch((thrown) => `throws ${thrown.message}`);
  console.log(`${status} ${error}: asked ${asked} time, tokens ${tokens ? 'kept' : 'dropped'}, ${opened}, ${outcome}`);
}
server.close();
JS
node refresh.mjs 2>/dev/null | tee seen.txt
cat >expected.txt <<'TXT'
400 invalid_grant: asked 1 time, tokens dropped, browser, REDIRECT
403 access_denied: asked 1 time, tokens kept, browser, REDIRECT
429 slow_down: asked 1 time, tokens kept, browser, REDIRECT
500 server_error: asked 1 time, tokens kept, browser, REDIRECT
503 temporarily_unavailable: asked 1 time, tokens kept, browser, REDIRECT
TXT
diff expected.txt seen.txt && echo 'As described.'
