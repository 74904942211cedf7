/** What this server calls itself in requests of its own (RFC 9110 §10.1.5); some hosts refuse requests without a name. */
import { readFileSync } from 'node:fs';

const { name, version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  name: string;
  version: string;
};

export const USER_AGENT = `${name}/${version}`;
