/** How long and how often, in the configuration file. */
import { z } from 'zod';

const seconds = z.int().positive();

const rate = (events: number, perSeconds: number, what: string) =>
  z.strictObject({ events: z.int().positive(), seconds }).default({ events, seconds: perSeconds }).describe(what);

/** How often something may be tried. Platforms that serve many people from one address must not run into these. */
const Rates = z.strictObject({
  signInPerAccountAndAddress: rate(
    10,
    900,
    'Passwords tried for one account from one address, right ones not counted.',
  ),
  signInPerAddress: rate(300, 900, 'Passwords tried from one address, right ones not counted.'),
  signInPerAccount: rate(
    100,
    3_600,
    'Passwords tried for one account from anywhere but browsers in which it signed in before.',
  ),
  upstreamPerAddress: rate(600, 900, 'Upstream sign-ins begun from one address, completed ones not counted.'),
  registrationPerAddress: rate(600, 3_600, 'Dynamic registrations from one address.'),
  registrationInAll: rate(6_000, 3_600, 'Dynamic registrations in all.'),
  unknownDocumentPerAddress: rate(
    120,
    3_600,
    'Metadata documents of clients that are not known yet, fetched for one address, and ten times as many key sets; those of `allowHosts` that are written in full and of `privateHosts` are not counted.',
  ),
  authorizationPerAddress: rate(6_000, 3_600, 'Authorization requests from one address.'),
  tokenPerClientAndAddress: rate(6_000, 60, 'Token requests of one client from one address.'),
  refreshPerConnection: rate(
    3_600,
    3_600,
    'Refreshes of one connection, repeats of a used token not counted. Clients of short-lived tokens refresh before each request.',
  ),
  refreshPerAccount: rate(36_000, 3_600, 'Refreshes of all connections of one account.'),
  changePerAccount: rate(
    600,
    3_600,
    'Forms of any kind that one signed-in account posts; signing out is always possible.',
  ),
  consentPerAccount: rate(600, 3_600, 'Approvals of one account.'),
  invitationPerAccount: rate(200, 3_600, 'Invitations that one account makes or sends again.'),
  joiningPerAddress: rate(
    300,
    3_600,
    'Invitations accepted from one address, those for which a new account is made and refused ones included.',
  ),
  joiningInAll: rate(3_000, 3_600, 'Invitations accepted in all.'),
  organizationPerAccount: rate(50, 3_600, 'Organizations that one account creates.'),
  passwordResetPerAccount: rate(10, 3_600, 'Links to set a password that are mailed to one address.'),
  passwordResetPerAddress: rate(60, 3_600, 'Links to set a password that are asked for from one address.'),
  clientFailuresPerClientAndAddress: rate(
    100,
    900,
    'Wrong secrets and assertions of one client or resource server from one address. A right one is never refused.',
  ),
  clientFailuresPerAddress: rate(
    1_000,
    900,
    'Wrong secrets and assertions of all clients and resource servers from one address.',
  ),
  adminFailuresPerAddress: rate(100, 900, 'Wrong secrets and tokens of admin clients from one address.'),
});

/** Lifetimes and rates. */
export const Limits = z
  .strictObject({
    refreshReplayWindow: z
      .int()
      .min(0)
      .max(300)
      .default(30)
      .describe(
        'For how long a repeated refresh token gets the same answer, in seconds; 0 switches it off. A thief who repeats a stolen token within this time gets the very tokens that its client got, and keeps access for as long as the connection lasts if every later refresh is repeated in time; a repeat that comes too late ends the connection for both. Repeats are counted, logged, and in the audit log with both addresses.',
      ),
    tokenWait: z
      .int()
      .min(0)
      .max(20)
      .default(8)
      .describe(
        'For how long a token request waits for a store that is away, or for a limit that ends by then, before it is answered 503 or 429, in seconds; 0 switches it off. Clients wait 28 seconds or more for an answer; a proxy in front has to wait longer than this, too. A limit that ends later is answered at once.',
      ),
    signInSession: seconds.default(14 * 86_400).describe('How long a sign-in lasts, in seconds.'),
    rates: Rates.prefault({}).describe(
      '`{ "events", "seconds" }`: at most this many events within this many seconds, then 429 with `Retry-After`; counted in Redis by all servers together, on the embedded store in memory, so reset by a restart. By address: an IPv6 address counts with its /64, its /56 (which may do four times as much) and its /48 (sixteen times). Of `registrationInAll`, `joiningInAll`, `signInPerAccount` and `passwordResetPerAccount` one site, an IPv4 address or an IPv6 /48, has a quarter, though never less than two addresses may do. What is refused leaves no record:',
    ),
  })
  .prefault({})
  .describe('How long and how often:');
