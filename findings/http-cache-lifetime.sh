#!/bin/sh
# Version:   http-cache-semantics 4.3.0.
# Behaviour: timeToLive() is no freshness lifetime (RFC 9111 section 4.2). It counts what stale-while-revalidate and
#            stale-if-error allow (RFC 5861), even beside no-cache and must-revalidate, so that a response that may not be used
#            once without asking again has a day to live. And directives are read in lower case alone, although their case
#            means nothing (RFC 9111 section 5.2): "Max-Age=60" is not fresh at all.
# Hurt:      caches that keep a response for timeToLive() and use it all that time, as the name suggests: they go on with
#            what its publisher has withdrawn. maxAge() - age() is the lifetime, of the header in lower case.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts http-cache-semantics@4.3.0
cat >lifetime.mjs <<'JS'
import CachePolicy from 'http-cache-semantics';

const request = { method: 'GET', url: '/', headers: {} };
for (const cacheControl of [
  'max-age=60',
  'max-age=60, stale-while-revalidate=600',
  'no-cache, stale-while-revalidate=86400',
  'max-age=0, must-revalidate, stale-if-error=86400',
  'Max-Age=60',
]) {
  const policy = new CachePolicy(request, { status: 200, headers: { 'cache-control': cacheControl } });
  const usable = policy.satisfiesWithoutRevalidation(request) ? 'usable' : 'not usable';
  console.log(`${cacheControl}: ${Math.round(policy.timeToLive() / 1000)} s to live, max age ${policy.maxAge()} s, ${usable} now`);
}
JS
node lifetime.mjs | tee seen.txt
cat >expected.txt <<'TXT'
max-age=60: 60 s to live, max age 60 s, usable now
max-age=60, stale-while-revalidate=600: 660 s to live, max age 60 s, usable now
no-cache, stale-while-revalidate=86400: 86400 s to live, max age 0 s, not usable now
max-age=0, must-revalidate, stale-if-error=86400: 86400 s to live, max age 0 s, not usable now
Max-Age=60: 0 s to live, max age 0 s, not usable now
TXT
diff expected.txt seen.txt && echo 'As described.'
