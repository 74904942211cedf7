/** Asks the authorization server on every call who a bearer token acts for (RFC 7662). */
import { z } from 'zod';
import type { DemoSettings } from './settings.js';

const Metadata = z.object({ issuer: z.string(), introspection_endpoint: z.url() });

const Answer = z.discriminatedUnion('active', [
  z.object({ active: z.literal(false) }),
  z.object({
    active: z.literal(true),
    scope: z.string(),
    client_id: z.string(),
    client_name: z.string().optional(),
    username: z.string(),
    sub: z.string(),
    aud: z.union([z.string(), z.array(z.string())]),
    exp: z.number(),
    connection_id: z.string(),
    org_id: z.string(),
    org_name: z.string(),
    roles: z.array(z.object({ role: z.string(), app: z.string().optional(), keyset: z.string().optional() })),
  }),
]);

/** What an active token stands for. */
export type Caller = Extract<z.infer<typeof Answer>, { active: true }>;

/** The authorization server gave no usable answer: neither yes nor no. */
export class IntrospectionUnavailable extends Error {
  override name = 'IntrospectionUnavailable';
}

// RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
const formEncoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);

// RFC 8414 §3.1: the well-known segment goes between the host and the issuer's path.
const metadataUrl = (issuer: string): URL => {
  const url = new URL(issuer);
  url.pathname = `/.well-known/oauth-authorization-server${url.pathname.replace(/\/$/, '')}`;
  return url;
};

const readJson = async (url: URL | string, init: RequestInit): Promise<unknown> => {
  const response = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(5_000) });
  if (!response.ok) {
    throw new Error(`${url} answered ${response.status}`);
  }
  return response.json();
};

/**
 * Makes the function that looks up one bearer token: the caller, or `undefined` when the token is not good here.
 * It throws {@link IntrospectionUnavailable} when the authorization server cannot say.
 * @param settings whom to ask, and as which resource server
 */
export const bearerLookup = (settings: DemoSettings): ((token: string) => Promise<Caller | undefined>) => {
  const credentials = `${formEncoded(settings.clientId)}:${formEncoded(settings.clientSecret)}`;
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  let endpoint: string | undefined;

  const discover = async (): Promise<string> => {
    const metadata = Metadata.parse(await readJson(metadataUrl(settings.issuer), {}));
    if (metadata.issuer !== settings.issuer) {
      throw new Error(`the metadata names the issuer ${metadata.issuer}, expected ${settings.issuer}`);
    }
    return metadata.introspection_endpoint;
  };

  return async (token) => {
    try {
      endpoint ??= await discover();
      const body = new URLSearchParams({ token, token_type_hint: 'access_token' });
      const answer = Answer.parse(await readJson(endpoint, { method: 'POST', headers: { authorization }, body }));
      return answer.active && [answer.aud].flat().includes(settings.resource) ? answer : undefined;
    } catch (cause) {
      throw new IntrospectionUnavailable('The authorization server could not be asked.', { cause });
    }
  };
};
