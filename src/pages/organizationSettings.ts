/** Organization settings: the switch "Allow MCP connections for all clients". */
import type Router from '@koa/router';
import { z } from 'zod';
import { accountById } from '../accounts/findAccount.js';
import { countActiveConnections } from '../connections/activeConnections.js';
import type { HttpState } from '../http/context.js';
import { HttpError } from '../http/errors.js';
import { seeOther } from '../http/seeOther.js';
import { affectedInWords } from '../organizations/affectedInWords.js';
import { affectedByMcpAccess, switchMcpAccess } from '../organizations/switchMcpAccess.js';
import type { Organization } from '../stores/records/organization.js';
import { pageFor } from './browserSession.js';
import { counted } from './format.js';
import { type Administration, adminForm, adminPage } from './organizationAccess.js';
import { headOf } from './organizationHead.js';
import type { Site } from './site.js';

const SwitchForm = z.object({
  mcp_access: z.enum(['on', 'off']),
  remove_connections: z.literal('on').nullable(),
});

/** What was just done, while it still holds: somebody else may have moved the switch since, or the address is an old one. */
function noticeOf(done: unknown, { mcpAccess }: Organization, connections: number): string | undefined {
  if (mcpAccess) return done === 'on' ? 'MCP access is on. Connections that were rejected work again.' : undefined;
  if (done === 'off') return 'MCP access is off. Its connections are rejected from now on.';
  if (done !== 'removed' || connections > 0) return undefined;
  return 'MCP access is off, and all connections of the organization were removed.';
}

/** For the account owner and account admins; switching off has a page that says what it rejects, switching on has none. */
export function organizationSettingsRoutes(site: Site, router: Router<HttpState>): void {
  router.get(
    '/organizations/:id/settings',
    adminPage(site, (admin) => showSettings(site, admin)),
  );
  router.get(
    '/organizations/:id/settings/mcp-access',
    adminPage(site, (admin) => askToSwitchOff(site, admin)),
  );
  router.post(
    '/organizations/:id/settings/mcp-access',
    adminForm(site, 'organization.mcp-access-refused', async (admin, form) => {
      const parsed = SwitchForm.safeParse({
        mcp_access: form.get('mcp_access'),
        remove_connections: form.get('remove_connections'),
      });
      if (!parsed.success) throw new HttpError(400, 'invalid_request', 'The form does not say where the switch goes.');
      const { mcp_access, remove_connections } = parsed.data;
      const removeConnections = mcp_access === 'off' && remove_connections === 'on';
      const { actor, organization } = admin;
      await switchMcpAccess(site.stores, actor, organization.id, mcp_access === 'on', { removeConnections });
      seeOther(admin.ctx, `${admin.path}/settings?mcp-access=${removeConnections ? 'removed' : mcp_access}`);
    }),
  );
}

async function showSettings(site: Site, admin: Administration): Promise<void> {
  const { ctx, organization } = admin;
  const connections = await howMany(site, organization.id);
  ctx.body = site.render('organizationSettings', {
    page: await pageFor(site, ctx, `Settings of ${organization.name}`),
    organization: headOf(admin, 'settings'),
    notice: noticeOf(ctx.query['mcp-access'], organization, connections),
    mcpAccess: organization.mcpAccess,
    changed: await lastChange(site, organization),
    connections: connections > COUNTED ? `more than ${inWords(COUNTED)}` : inWords(connections),
  });
}

/** To count tens of thousands would take longer than the rest of the page. */
const COUNTED = 1_000;

const howMany = ({ stores }: Site, organizationId: string): Promise<number> =>
  countActiveConnections(stores.durable, { organizationId }, { most: COUNTED + 1 });

const inWords = (connections: number): string => counted(connections, 'connection');

async function lastChange({ stores }: Site, { mcpAccessChangedAt: at, mcpAccessChangedBy: by }: Organization) {
  if (at === undefined) return undefined;
  const account = by === undefined ? undefined : await accountById(stores.durable, by);
  const name = by === undefined ? undefined : (account?.name ?? 'an account that was removed');
  return { at: new Date(at).toISOString(), name };
}

async function askToSwitchOff(site: Site, admin: Administration): Promise<void> {
  const { ctx, organization, path } = admin;
  if (!organization.mcpAccess) {
    seeOther(ctx, `${path}/settings`);
    return;
  }
  const affected = await affectedByMcpAccess(site.stores.durable, organization.id);
  const none = affected.connections === 0;
  ctx.body = site.render('organizationConfirmation', {
    page: await pageFor(site, ctx, 'Switch MCP access off'),
    organization: headOf(admin, 'settings'),
    heading: 'Switch MCP access off?',
    lead: none ? 'Nobody is connected at the moment.' : `This affects ${affectedInWords(affected)}.`,
    facts: [{ name: 'Organization', value: organization.name }],
    consequences: [
      'Existing connections are rejected at once. They are kept, and work again when you switch MCP access on.',
      'New authorizations are blocked.',
      'The organization is hidden when somebody authorizes a client.',
    ],
    option: none ? undefined : removalOption(affected.connections === 1),
    fields: [{ name: 'mcp_access', value: 'off' }],
    action: `${path}/settings/mcp-access`,
    submit: 'Switch off',
    cancel: `${path}/settings`,
  });
}

const removalOption = (one: boolean) => ({
  name: 'remove_connections',
  label: `Also remove ${one ? 'this connection' : 'these connections'}`,
  hint: `${one ? 'It does' : 'They do'} not come back when MCP access is switched on again.`,
});
