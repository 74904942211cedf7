/** Data for every view, with all that is optional and without. */
import type { ConsentData, ViewData } from '../../src/pages/viewData.js';
import { organizationSamples } from './organizationSamples.js';

export const page = {
  title: 'Title',
  account: { name: 'Ada', email: 'ada@example.com' },
  menu: {
    organizations: Array.from({ length: 9 }, (_, n) => ({
      id: `org_${n}`,
      name: `Org ${n}`,
      personal: n === 0,
      current: n === 1,
    })),
    currentName: 'Org 1',
    settings: '/oauth/organizations/org_1/settings',
    returnTo: '/oauth/account',
    billingUrl: 'https://billing.test/',
    supportUrl: 'mailto:support@billing.test',
  },
  csrfToken: 'the-token',
};
export const connection = {
  id: 'con_1',
  organizationName: 'Acme Robotics',
  clientName: 'Claude Code',
  clientId: 'dcr_1',
  verifiedHost: 'claude.ai',
  createdAt: '2026-11-23T11:09:00.000Z',
  expiresAt: '2026-12-23T11:09:00.000Z',
  timeLeft: '29 days left',
  replacedAt: '2026-11-24T11:09:00.000Z',
  rejected: 'MCP access is switched off for this organization',
};
export const consent: ConsentData = {
  page,
  action: '/oauth/interaction/1',
  client: { name: 'Claude Code', id: 'https://claude.ai/meta', verifiedHost: 'claude.ai', uri: 'https://claude.ai/' },
  redirect: { host: 'localhost', local: true },
  resource: { name: 'Demo', indicator: 'http://localhost:3001/mcp' },
  scopes: [{ scope: 'read', description: 'Read your notes' }],
  shown: 'digest',
  organizations: [
    { id: 'org_1', name: 'Acme Robotics', personal: false },
    { id: 'org_2', name: 'Ada', personal: true },
  ],
  selected: 'none',
  expiresAt: '2026-12-23T11:09:00.000Z',
  error: 'Choose one organization.',
  emptyReason: 'MCP access is off everywhere.',
  switchAccountAction: '/oauth/interaction/1/switch',
};
const search = {
  text: 'Claude',
  filtered: true,
  organizations: [{ id: 'org_1', name: 'Acme Robotics', chosen: true }],
  clients: [{ id: 'dcr_1', name: 'Claude Code', chosen: false }],
};
const session = {
  id: 'hash',
  device: 'Chrome on Linux',
  ip: '192.0.2.1',
  startedAt: '2026-11-23T11:09:00.000Z',
  lastSeen: 'active now',
  own: true,
};
export const samples: { [View in keyof ViewData]: ViewData[View][] } = {
  ...organizationSamples(page),
  login: [
    {
      page,
      email: 'a',
      error: 'b',
      returnTo: '/c',
      notice: 'd',
      clientName: 'e',
      demo: [{ email: 'f', password: 'g' }],
      forgotten: '/oauth/password/forgotten',
      passwords: true,
      upstream: { name: 'h', href: '/oauth/login/upstream' },
    },
    { page: { title: 'Sign in', csrfToken: 'the-token' }, passwords: true },
    { page, error: 'a', passwords: false, upstream: { name: 'b', href: '/oauth/login/upstream' } },
  ],
  consent: [
    consent,
    {
      ...consent,
      organizations: [
        {
          id: 'org_1',
          name: 'Acme Robotics',
          personal: false,
          connected: [
            { scope: 'read', description: 'Read your notes', isNew: false },
            { scope: 'write', description: 'Add notes', isNew: true },
          ],
        },
        { id: 'org_2', name: 'Ada', personal: true },
      ],
    },
    { ...consent, scopes: [{ scope: 'read', description: 'Read your notes', isNew: true }] },
    { ...consent, scopes: [{ scope: 'read', description: 'Read your notes', isNew: false }] },
    { ...consent, organizations: [] },
    { ...consent, client: { name: 'Cursor', id: 'dcr_2' } },
  ],
  error: [
    { page, heading: 'a', message: 'b', whatToDo: 'c', reference: 'd' },
    {
      page,
      heading: 'a',
      message: 'b',
      whatToDo: 'c',
      reference: 'd',
      onward: { href: 'cursor://callback?error=login_required', target: 'cursor:' },
    },
  ],
  connections: [
    { page, connections: [connection], notice: 'a', resourceUrl: 'http://localhost:3001/mcp' },
    { page, connections: [], resourceUrl: 'http://localhost:3001/mcp' },
    { page, connections: [], resourceUrl: 'http://localhost:3001/mcp', search, newest: '/a' },
    { page, connections: [connection], resourceUrl: 'http://localhost:3001/mcp', search, newest: '/a', older: '/b' },
  ],
  profile: [
    {
      page,
      name: 'Ada',
      email: 'ada@example.com',
      hasPassword: true,
      passwords: true,
      linkedTo: 'f',
      forgotten: '/a',
      sessions: [true, false].map((own) => ({ ...session, own })),
      notice: 'a',
      typedName: 'b',
      errors: { name: 'c', currentPassword: 'd', newPassword: 'e' },
    },
    { page, name: 'Ada', email: 'ada@example.com', hasPassword: false, passwords: true, sessions: [session] },
    { page, name: 'Ada', email: 'ada@example.com', hasPassword: true, passwords: false, sessions: [session] },
  ],
  forgottenPassword: [
    { page, sent: true },
    { page, sent: false },
  ],
  resetPassword: [
    { page, action: '/a', email: 'ada@example.com', error: 'b' },
    { page, action: '/a', email: 'ada@example.com' },
  ],
  newOrganization: [
    { page, cancel: '/oauth/account', name: 'a', error: 'b' },
    { page, cancel: '/oauth/account' },
  ],
  removeConnection: [{ page, action: '/a', connection, cancel: '/b' }],
  answered: [{ page }],
  leadingOn: [{ page, client: 'a', href: 'https://client.example/callback?code=a&state=b' }],
  signedOut: [{ page }, { page, upstream: 'a' }],
};
