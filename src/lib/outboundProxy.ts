/** The way out through a forward proxy: a tunnel (RFC 9110 §9.3.6) to an address that was checked here. */
import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import { USER_AGENT } from './userAgent.js';

export interface OutboundProxy {
  /** http(s), with a user and a password where the proxy asks for them. */
  readonly url: URL;
  /** Hosts that are reached without it, as NO_PROXY has them: each with all below it, `*` for all. */
  readonly except: readonly string[];
}

/** The proxy through which an address is reached; undefined where it is reached directly. */
export function proxyOnTheWayTo({ host, hostname }: URL, proxy: OutboundProxy | undefined): URL | undefined {
  const direct = proxy?.except.some((entry) => {
    const name = entry.toLowerCase().replace(/^\*?\./, '');
    return name === '*' || [host, hostname].some((own) => own === name || own.endsWith(`.${name}`));
  });
  return direct ? undefined : proxy?.url;
}

/**
 * Opens a tunnel. Who takes its socket closes it.
 * @param proxy its address
 * @param address an IP address: the proxy looks no name up
 * @throws Error with a `code` when there is no tunnel; the message has nothing of the proxy's credentials
 */
export function openTunnel(proxy: URL, address: string, port: number, signal: AbortSignal): Promise<Duplex> {
  const authority = `${isIPv6(address) ? `[${address}]` : address}:${port}`;
  const secure = proxy.protocol === 'https:';
  return new Promise((resolve, reject) => {
    (secure ? secureRequest : plainRequest)({
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port || (secure ? 443 : 80),
      method: 'CONNECT',
      path: authority,
      agent: false,
      signal,
      headers: { host: authority, 'user-agent': USER_AGENT, ...credentials(proxy) },
    })
      .on('error', reject)
      .on('connect', ({ statusCode = 0 }, socket) => {
        if (statusCode >= 200 && statusCode < 300 && !signal.aborted) return resolve(socket);
        socket.destroy();
        const refused = new Error(`the proxy ${proxy.host} answered the request for a tunnel with ${statusCode}`);
        reject(Object.assign(refused, { code: 'PROXY_REFUSED' }));
      })
      .end();
  });
}

function credentials({ username, password }: URL): { 'proxy-authorization'?: string } {
  if (username === '' && password === '') return {};
  const pair = [username, password].map(decodeURIComponent).join(':');
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}
