/** Switching the current organization, from the account menu. */
import type Router from '@koa/router';
import type { HttpState } from '../http/context.js';
import { HttpError } from '../http/errors.js';
import { seeOther } from '../http/seeOther.js';
import { memberOf } from '../organizations/findOrganization.js';
import { mayAdminister } from '../organizations/roles.js';
import { ownForm, personOrSignIn } from './browserSession.js';
import { localPath } from './localPath.js';
import { chooseOrganization, organizationOfPath } from './menu.js';
import type { Site } from './site.js';

/** Leads back to the same page, of the other organization where the page is one of an organization. */
export function organizationSwitchRoutes(site: Site, router: Router<HttpState>): void {
  router.post('/account/organization', async (ctx) => {
    const form = await ownForm(site, ctx);
    const person = await personOrSignIn(site, ctx);
    if (!person) return;
    const id = form.get('organization_id') ?? '';
    const member = await memberOf(site.stores.durable, id, person.account.id);
    if (!member)
      throw new HttpError(404, 'not_found', 'You are not a member of that organization.', {
        whatToDo: 'Choose one of the organizations in the menu.',
      });
    chooseOrganization(site, ctx, id);
    const back = localPath(site.config, form.get('return_to')) ?? `${site.config.basePath}/account/connections`;
    seeOther(ctx, samePageOf(site, back, id, mayAdminister(member)));
  });
}

/** A page of one organization becomes the same page of the other, for those who may open it. */
function samePageOf(site: Site, path: string, organizationId: string, administers: boolean): string {
  const { basePath } = site.config;
  if (organizationOfPath(site, path) === undefined) return path;
  if (!administers) return `${basePath}/account/connections`;
  const [, , , page = 'settings'] = path.slice(basePath.length).split(/[/?]/);
  return `${basePath}/organizations/${encodeURIComponent(organizationId)}/${page}`;
}
