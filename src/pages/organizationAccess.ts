/** Who may open the pages of an organization: its owner and its account admins; what everybody else is told. */
import type { RouterContext, RouterMiddleware } from '@koa/router';
import { accountById } from '../accounts/findAccount.js';
import type { SignedIn } from '../accounts/sessions.js';
import { auditRefusal } from '../audit.js';
import type { HttpState } from '../http/context.js';
import { HttpError } from '../http/errors.js';
import { demandAdministrator } from '../organizations/demandAdministrator.js';
import { DirectoryError } from '../organizations/directoryError.js';
import { existingOrganization, memberOf } from '../organizations/findOrganization.js';
import { administratorsOf } from '../organizations/membersOf.js';
import { mayAdminister } from '../organizations/roles.js';
import type { Stored } from '../stores/collection.js';
import type { Actor, AuditAction } from '../stores/records/auditEvent.js';
import type { Organization } from '../stores/records/organization.js';
import { actorOf } from './actorOf.js';
import { ownForm, personOrSignIn } from './browserSession.js';
import type { Site } from './site.js';

/** Somebody who may administer an organization, at one of its pages. */
export interface Administration {
  readonly ctx: RouterContext<HttpState>;
  readonly person: SignedIn;
  readonly actor: Extract<Actor, { kind: 'account' }>;
  readonly organization: Stored<Organization>;
  /** The path of the organization's pages. */
  readonly path: string;
}

/** A page that is shown to those who may administer the organization in its path. */
export function adminPage(site: Site, show: (admin: Administration) => Promise<void>): RouterMiddleware<HttpState> {
  return async (ctx) => {
    const person = await personOrSignIn(site, ctx);
    if (!person) return;
    await inWords(site, ctx, person, async () => show(await administration(site, ctx, person)));
  };
}

/**
 * A form that those who may administer the organization can post.
 * @param refusal how the audit log calls an attempt by somebody who may not
 */
export function adminForm(
  site: Site,
  refusal: AuditAction,
  act: (admin: Administration, form: URLSearchParams) => Promise<void>,
): RouterMiddleware<HttpState> {
  return async (ctx) => {
    const form = await ownForm(site, ctx);
    const person = await personOrSignIn(site, ctx);
    if (!person) return;
    await inWords(site, ctx, person, async () => act(await administration(site, ctx, person), form), refusal);
  };
}

async function administration(site: Site, ctx: RouterContext<HttpState>, person: SignedIn): Promise<Administration> {
  const { durable } = site.stores;
  const id = ctx.params.id ?? '';
  const actor = actorOf(ctx, person);
  await demandAdministrator(durable, actor, id);
  const organization = await existingOrganization(durable, id);
  return { ctx, person, actor, organization, path: `${site.config.basePath}/organizations/${encodeURIComponent(id)}` };
}

/** Turns the domain's refusals into pages; somebody may have lost a role between the check and the commit as well. */
async function inWords(
  site: Site,
  ctx: RouterContext<HttpState>,
  person: SignedIn,
  work: () => Promise<void>,
  refusal?: AuditAction,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    const organizationId = ctx.params.id ?? '';
    const member = await memberOf(site.stores.durable, organizationId, person.account.id);
    if (!member) throw notThere();
    if (error.code === 'not-found')
      throw new HttpError(404, 'not_found', error.message, { whatToDo: 'Go back and reload the page.' });
    if (error.code !== 'forbidden') throw new HttpError(409, 'conflict', error.message);
    if (refusal) {
      const actor = actorOf(ctx, person);
      await auditRefusal(site.stores, actor, { action: refusal, organizationId, details: { reason: error.message } });
    }
    const whatToDo = mayAdminister(member) ? 'Go back to the page you came from.' : await whoMay(site, organizationId);
    throw new HttpError(403, 'access_denied', error.message, { whatToDo });
  }
}

/** The same for an organization that is not there and for one that somebody is no member of. */
const notThere = () =>
  new HttpError(404, 'not_found', 'There is no such organization, or you are not a member of it.', {
    whatToDo: 'Choose one of your organizations in the account menu.',
  });

const NAMED = 5;

async function whoMay({ stores }: Site, organizationId: string): Promise<string> {
  const who = await administratorsOf(stores.durable, organizationId);
  const found = await Promise.all(
    who.slice(0, NAMED).map(async ({ accountId, roles }) => {
      const account = await accountById(stores.durable, accountId);
      const owner = roles.some(({ role }) => role === 'account-owner');
      return account ? [`${account.name} (${owner ? 'Account Owner' : 'Account Admin'})`] : [];
    }),
  );
  const named = found.flat();
  const more = who.length > NAMED ? [`${who.length - NAMED} more account admins`] : [];
  return `Ask ${new Intl.ListFormat('en-GB', { type: 'disjunction' }).format([...named, ...more])}.`;
}
