/** Private-use URI schemes of redirect URIs (RFC 8252 §7.1): those that name a domain, and those of known clients. */
import { z } from 'zod';

/** Of clients whose scheme has no dot: editors and their extensions, Claude Desktop, Raycast, Warp. */
const KNOWN_CLIENTS = ['cursor', 'vscode', 'vscode-insiders', 'claude', 'windsurf', 'zed', 'raycast', 'kiro', 'warp'];

/** Schemes that run code, read files, or that browsers and systems answer themselves. */
const NEVER: readonly string[] = (
  'http https javascript vbscript data blob file filesystem about view-source jar intent chrome chrome-extension ' +
  'resource ftp sftp ssh smb telnet ws wss mailto tel sms ms-msdt search-ms ms-settings itms-services'
).split(' ');

/** Of the systems themselves: settings, cameras, stores. */
const OF_SYSTEMS = /^(microsoft|com\.apple)\./;

/** As a URL has it: small letters. A top-level domain has no digits and, but for `xn--`, no hyphens. */
const REVERSE_DOMAIN = /^([a-z]{2,}|xn--[a-z0-9-]+)(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/;

/**
 * Whether a scheme is a domain name in reverse, such as `com.example.app`, which belongs to the owner of that domain.
 * @param scheme in small letters, without the colon
 */
export const isReverseDomainScheme = (scheme: string): boolean =>
  REVERSE_DOMAIN.test(scheme) && !OF_SYSTEMS.test(scheme);

/** Schemes that need no dot, in the configuration file. */
export const RedirectSchemes = z
  .array(
    z
      .string()
      .regex(/^[a-z][a-z0-9+.-]{0,63}$/, 'must be a URI scheme in small letters, without the colon')
      .refine((scheme) => !NEVER.includes(scheme), 'must not be a scheme that runs code, opens files or is of the web'),
  )
  .default(KNOWN_CLIENTS)
  .describe(
    'Private-use schemes without a dot that redirect URIs may have; those that are a domain name in reverse (`com.example.app`) always may. A client that registered with a scheme that is not in the list any more is refused at `/authorize`; its connections go on.',
  );
