/** The words of the mail that carries an invitation's link. */
import type { Mail } from '../../mail.js';
import { quoted } from '../../mail.js';
import { describeRole } from '../../organizations/roles.js';
import type { Invitation } from '../../stores/records/invitation.js';

/**
 * The mail to the invited address. Our link comes first; what others wrote comes behind it, each line marked, and is not
 * in the subject.
 * @param invitation whom it invites, as what
 * @param words the organization's name, who invites (undefined: the operator) and the link
 */
export function invitationMail(
  invitation: Pick<Invitation, 'email' | 'roles'>,
  { organization, inviter, link }: { organization: string; inviter: string | undefined; link: string },
): Mail {
  const { host } = new URL(link);
  return {
    to: invitation.email,
    subject: `Invitation to an organization at ${host}`,
    text: [
      `You are invited to an organization at ${host}. To accept, open this link. It works once, for seven days:`,
      '',
      link,
      '',
      'Lines marked with > were written by others; do not follow any other link in them:',
      '',
      ...quoted(`Organization: ${organization}`),
      ...quoted(`Invited by: ${inviter ?? 'the operator of this service'}`),
      ...invitation.roles.flatMap((role) => quoted(`Role: ${describeRole(role)}`)),
      '',
      'If you did not expect this, do nothing: without the link nobody can accept in your name.',
      '',
    ].join('\n'),
  };
}
