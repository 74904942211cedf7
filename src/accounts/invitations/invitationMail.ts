/** The words of the mail that carries an invitation's link. */
import type { Mail } from '../../mail.js';
import { describeRole } from '../../organizations/roles.js';
import type { Invitation } from '../../stores/records/invitation.js';

/**
 * The mail to the invited address.
 * @param invitation whom it invites, as what
 * @param words the organization's name, who invites (undefined: the operator) and the link
 */
export function invitationMail(
  invitation: Pick<Invitation, 'email' | 'roles'>,
  { organization, inviter, link }: { organization: string; inviter: string | undefined; link: string },
): Mail {
  const roles = invitation.roles.map((role) => `  ${describeRole(role)}`);
  return {
    to: invitation.email,
    subject: `Invitation to ${organization}`,
    text: [
      `${inviter ?? 'The operator of this service'} invites you to the organization "${organization}" as:`,
      ...roles,
      '',
      'To accept, open this link. It works once, for seven days:',
      '',
      link,
      '',
      'If you did not expect this, do nothing: without the link nobody can accept in your name.',
      '',
    ].join('\n'),
  };
}
