/** Upstream sign-in as the operator sets it: the section `upstream` of the configuration file, and all of it together. */
import { z } from 'zod';
import { roleProblem } from '../../organizations/roleProblem.js';
import { isPlain, NOT_PLAIN } from '../../plainText.js';
import { RoleAssignment, RoleId } from '../../stores/records/role.js';

const MappingRule = z
  .strictObject({
    claim: z.string().min(1).describe('The name of a claim of the id_token or of UserInfo, e.g. `groups`.'),
    value: z
      .union([z.string(), z.number(), z.boolean()])
      .describe('What the claim has to be, or, when it is a list, to contain.'),
    organizationId: z.string().min(1).describe('The organization that it makes somebody a member of.'),
    role: RoleId.exclude(['account-owner']).describe('The role there.'),
    app: RoleAssignment.shape.app.describe('The app of a role of one app or keyset.'),
    keyset: RoleAssignment.shape.keyset.describe('The keyset of a role of one keyset.'),
  })
  .superRefine((rule, context) => {
    const problem = roleProblem([roleOfRule(rule)]);
    if (problem) context.addIssue({ code: 'custom', path: ['role'], message: `is not possible: ${problem.message}` });
  });

/** One claim's value and the role that it gives. */
export type MappingRule = z.infer<typeof MappingRule>;

export const UpstreamSection = z.strictObject({
  name: z.string().trim().min(1).max(60).refine(isPlain, `must be without ${NOT_PLAIN}`).exactOptional().meta({
    description: 'What the button on the sign-in page calls it: "Continue with …".',
    whenUnset: 'the host of UPSTREAM_ISSUER',
  }),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/, 'a scope has no spaces, quotes or backslashes'))
    .refine((scopes) => scopes.includes('openid'), '"openid" must be among the scopes')
    .default(['openid', 'email', 'profile'])
    .describe('What is asked for there.'),
  emailsAreVerified: z
    .boolean()
    .default(false)
    .describe(
      'Takes an email address for verified when the upstream does not say (`email_verified` is missing, as with Microsoft Entra ID). Only for an upstream where people cannot choose their address; it counts for id_tokens of exactly UPSTREAM_ISSUER.',
    ),
  mapping: z
    .array(MappingRule)
    .default([])
    .describe(
      'Roles that claims give, brought up to date at every upstream sign-in: what a claim gave and gives no more is taken away again, the whole membership if nothing else is left of it. Of roles that exclude each other the first in this list counts, and one that an admin gave before all. The account owner is left alone. Each:',
    ),
});
export type UpstreamSection = z.infer<typeof UpstreamSection>;

/** Everything that is set about the upstream. */
export interface UpstreamSettings extends Omit<UpstreamSection, 'name'> {
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The role that a rule gives. */
export function roleOfRule({ role, app, keyset }: MappingRule): RoleAssignment {
  return { role, ...(app !== undefined && { app }), ...(keyset !== undefined && { keyset }) };
}
