#!/bin/sh
# Versions:  @modelcontextprotocol/conformance 0.2.0-alpha.12.
# Behaviour: `conformance authorization` without --client-id skips the authorization code grant, and still exits 0 with "0 failed": the
#            summary has a tick beside a scenario of which nothing ran. Its package.json names no `engines`, but on Node.js 20 the
#            command ends with a SyntaxError before it reads its arguments (it imports fs.globSync, which came with 22).
# Hurt:      authorization servers whose CI runs it without a client: green, although no code was ever exchanged. Projects that support
#            Node.js 20, whose installation says nothing and whose test then fails in a place that has nothing to do with them.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts --no-package-lock @modelcontextprotocol/conformance@0.2.0-alpha.12
# Other Node.js programs than the one that runs this, as npm brings them.
node=node-$(node -p 'process.platform + "-" + process.arch')
npm install --silent --no-audit --no-fund --ignore-scripts --no-package-lock --no-save --prefix 20 "$node@20.20.2"
npm install --silent --no-audit --no-fund --ignore-scripts --no-package-lock --no-save --prefix 24 "$node@24.21.0"
suite=node_modules/@modelcontextprotocol/conformance/dist/index.js
cat >server.mjs <<'JS'
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  if (request.url !== '/.well-known/oauth-authorization-server') return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': 'application/json' }).end(
    JSON.stringify({
      issuer: origin,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none'],
      client_id_metadata_document_supported: true,
    }),
  );
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${server.address().port}`;
console.log(origin);
JS
node server.mjs >origin.txt &
server=$!
trap 'kill $server; rm -rf "$folder"' EXIT
while [ ! -s origin.txt ]; do sleep 0.1; done
{
  node -p "'engines: ' + JSON.stringify(JSON.parse(fs.readFileSync('node_modules/@modelcontextprotocol/conformance/package.json')).engines)"
  code=0
  "20/node_modules/$node/bin/node" "$suite" --version >20.txt 2>&1 || code=$?
  echo "Node.js 20: exit $code, $(grep -o "SyntaxError: The requested module 'fs' does not provide an export named 'globSync'" 20.txt || echo no SyntaxError)"
  code=0
  # There is no endpoint but the metadata: neither /authorize nor /token answers.
  "24/node_modules/$node/bin/node" "$suite" authorization --url "$(cat origin.txt)" >24.txt 2>&1 || code=$?
  echo "Node.js 24, no --client-id: exit $code"
  grep -E '^(✓|✗|Total)' 24.txt
} | tee seen.txt
cat >expected.txt <<'TXT'
engines: undefined
Node.js 20: exit 1, SyntaxError: The requested module 'fs' does not provide an export named 'globSync'
Node.js 24, no --client-id: exit 0
✓ authorization-server-metadata-endpoint: 2 passed, 0 failed
✓ authorization-code-grant: 0 passed, 0 failed
Total: 2 passed, 0 failed
TXT
diff expected.txt seen.txt && echo 'As described.'
