/** Creating an organization, which whoever creates it owns. */
import type Router from '@koa/router';
import type { HttpState } from '../http/context.js';
import { within } from '../http/limits.js';
import { seeOther } from '../http/seeOther.js';
import { createOrganization } from '../organizations/createOrganization.js';
import { actorOf } from './actorOf.js';
import { ownForm, pageFor, personOrSignIn } from './browserSession.js';
import { chooseOrganization } from './menu.js';
import { attempted } from './problem.js';
import type { Site } from './site.js';

/** For everybody who is signed in, as often as `limits.rates.organizationPerAccount` allows. */
export function newOrganizationRoutes(site: Site, router: Router<HttpState>): void {
  const { basePath } = site.config;
  const cancel = `${basePath}/account/connections`;

  router.get('/organizations/new', async (ctx) => {
    const person = await personOrSignIn(site, ctx);
    if (!person) return;
    ctx.body = site.render('newOrganization', { page: await pageFor(site, ctx, 'Create an organization'), cancel });
  });

  router.post('/organizations/new', async (ctx) => {
    const form = await ownForm(site, ctx);
    const person = await personOrSignIn(site, ctx);
    if (!person) return;
    await within([[site.oauth.limits.organizationPerAccount, person.account.id]]);
    const name = form.get('name') ?? '';
    const actor = actorOf(ctx, person);
    const created = await attempted(createOrganization(site.stores, actor, { name, ownerId: person.account.id }));
    if ('problem' in created) {
      ctx.status = 400;
      const page = await pageFor(site, ctx, 'Create an organization');
      ctx.body = site.render('newOrganization', { page, cancel, name: name.slice(0, 300), error: created.problem });
      return;
    }
    chooseOrganization(site, ctx, created.result.id);
    seeOther(ctx, `${basePath}/organizations/${created.result.id}/settings`);
  });
}
