/** What people read when an upstream sign-in did not work, and the status of the page. */
import type { UpstreamRefusalReason } from '../accounts/upstream/refusal.js';

type Words = readonly [status: number, words: (name: string, orPassword: string) => string];

const WORDS: Readonly<Record<UpstreamRefusalReason, Words>> = {
  unreachable: [503, (name, or) => `${name} does not answer at the moment. Wait a minute and try again${or}.`],
  misconfigured: [
    502,
    (name) =>
      `${name} does not accept sign-ins from this server. Tell the operator of this server; waiting will not help.`,
  ],
  denied: [
    403,
    (name, or) =>
      `${name} did not let you in, or you stopped. Try again${or}; if you should have access, ask the administrator of ${name}.`,
  ],
  unexpected: [400, (name) => `The answer of ${name} does not belong to this sign-in. Start again from this page.`],
  stale: [
    403,
    (name) =>
      `The client that you are connecting wants you to sign in anew, and ${name} did not ask you. Sign out at ${name}, then try again.`,
  ],
  'no-email': [
    403,
    (name) => `${name} gave this server no email address of yours. Ask the administrator of ${name} to release it.`,
  ],
  'unverified-email': [403, (name) => `${name} has not verified your email address. Verify it there, then try again.`],
  claimed: [
    403,
    (name) =>
      `Your email address belongs to an account that another identity at ${name} signs in to. Ask the operator of this server to unlink that account if it is yours.`,
  ],
};

/** For a sign-in that is over before it came to its end, and of which nothing more is known. */
export const OVER =
  'This sign-in took longer than 15 minutes, was used already, or was begun in another browser. Start again from this page.';

/**
 * The words for a refusal.
 * @param name what the upstream is called
 * @param passwords whether there is another way to sign in
 */
export function refusalInWords(
  reason: UpstreamRefusalReason,
  name: string,
  passwords: boolean,
): { status: number; error: string } {
  const [status, words] = WORDS[reason];
  return { status, error: words(name, passwords ? ', or sign in with a password' : '') };
}
