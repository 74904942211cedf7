#!/bin/sh
# Versions:  @modelcontextprotocol/sdk 1.32.2, @modelcontextprotocol/client 2.4.0, oauth4webapi 3.8.8, openid-client 6.9.0.
# Behaviour: for one client secret these libraries send two different Authorization headers. Both MCP SDKs put the
#            secret into HTTP Basic as it is; oauth4webapi and openid-client form-encode it first (RFC 6749 section 2.3.1).
# Hurt:      authorization servers that decode, with MCP clients whose secret has "%" or "+" in it, and servers that do
#            not decode, with all others. A server that makes secrets of A-Z a-z 0-9 _ - alone is understood by each.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts \
  @modelcontextprotocol/sdk@1.32.2 @modelcontextprotocol/client@2.4.0 oauth4webapi@3.8.8 openid-client@6.9.0
cat >basic.mjs <<'JS'
import { createServer } from 'node:http';
import * as client2 from '@modelcontextprotocol/client';
import * as sdk1 from '@modelcontextprotocol/sdk/client/auth.js';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';

let header = '';
const server = createServer((request, response) => {
  header = Buffer.from((request.headers.authorization ?? '').slice('Basic '.length), 'base64').toString();
  request.resume();
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ access_token: 'a', token_type: 'Bearer', expires_in: 60 }));
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
const metadata = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  response_types_supported: ['code'],
  token_endpoint_auth_methods_supported: ['client_secret_basic'],
};
const [client_id, client_secret] = ['client', 'a+b/c~d%e f!'];
const clientInformation = { client_id, client_secret, token_endpoint_auth_method: 'client_secret_basic' };
const configuration = new openid.Configuration(metadata, client_id, undefined, openid.ClientSecretBasic(client_secret));
openid.allowInsecureRequests(configuration);

const requests = {
  'sdk 1.32.2': () => sdk1.refreshAuthorization(issuer, { metadata, clientInformation, refreshToken: 'r' }),
  'client 2.4.0': () => client2.refreshAuthorization(issuer, { metadata, clientInformation, refreshToken: 'r' }),
  'oauth4webapi 3.8.8': () =>
    oauth.refreshTokenGrantRequest(metadata, { client_id }, oauth.ClientSecretBasic(client_secret), 'r', {
      [oauth.allowInsecureRequests]: true,
    }),
  'openid-client 6.9.0': () => openid.refreshTokenGrant(configuration, 'r'),
};
for (const [name, send] of Object.entries(requests)) {
  await send();
  console.log(`${name}: ${header}`);
}
server.close();
JS
node basic.mjs | tee seen.txt
cat >expected.txt <<'TXT'
sdk 1.32.2: client:a+b/c~d%e f!
client 2.4.0: client:a+b/c~d%e f!
oauth4webapi 3.8.8: client:a%2Bb%2Fc%7Ed%25e+f%21
openid-client 6.9.0: client:a%2Bb%2Fc%7Ed%25e+f%21
TXT
diff expected.txt seen.txt && echo 'As described.'
