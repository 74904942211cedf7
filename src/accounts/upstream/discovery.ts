/** What the upstream says about itself: asked for when it is needed, and again every hour (OpenID Connect Discovery). */
import type { ClientAuth, Configuration } from 'openid-client';
import type { UpstreamSettings } from './settings.js';
import { upstreamFetch } from './upstreamFetch.js';

/** What the upstream says is asked for anew after so long (milliseconds). */
const KNOWN_MS = 60 * 60_000;

/** Loaded where it is used: most servers start without it. */
export const library = () => import('openid-client');

/**
 * @returns gives what is known of the upstream; several who ask at once ask the upstream once, and a failure is not kept
 */
export function discovering(settings: UpstreamSettings): () => Promise<Configuration> {
  let known: { readonly configuration: Promise<Configuration>; readonly until: number } | undefined;
  return () => {
    if (known && known.until > Date.now()) return known.configuration;
    const asked = { configuration: discover(settings), until: Date.now() + KNOWN_MS };
    known = asked;
    asked.configuration.catch(() => {
      if (known === asked) known = undefined;
    });
    return asked.configuration;
  };
}

async function discover({ issuer, clientId, clientSecret }: UpstreamSettings): Promise<Configuration> {
  const { ClientSecretBasic, ClientSecretPost, allowInsecureRequests, customFetch, discovery, ...more } =
    await library();
  const [basic, post] = [ClientSecretBasic(clientSecret), ClientSecretPost(clientSecret)];
  const authentication: ClientAuth = (server, ...rest) => {
    // What holds when the upstream does not say (Discovery §3).
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return (methods.includes('client_secret_basic') ? basic : post)(server, ...rest);
  };
  return discovery(new URL(issuer), clientId, undefined, authentication, {
    [customFetch]: upstreamFetch,
    // Plain http is accepted of an issuer on this machine alone.
    execute: [more.enableNonRepudiationChecks, ...(issuer.startsWith('http:') ? [allowInsecureRequests] : [])],
  });
}
