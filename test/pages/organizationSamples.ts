/** Data for the views of an organization's pages. */
import type { OrganizationHead, OrganizationViews } from '../../src/pages/organizationViews.js';
import type { Page } from '../../src/pages/pageData.js';

const at = '2026-11-23T11:09:00.000Z';
const who = { name: 'Ada', email: 'ada@example.com' };

/**
 * Samples of each view, with all that is optional and without.
 * @param page what all pages have
 */
export function organizationSamples(page: Page): { [View in keyof OrganizationViews]: OrganizationViews[View][] } {
  const head = (section: OrganizationHead['section']): OrganizationHead => ({
    name: 'Acme Robotics',
    personal: false,
    path: '/oauth/organizations/org_1',
    section,
  });
  const connection = {
    id: 'con_1',
    member: who,
    memberConnections: '/oauth/organizations/org_1/connections?member=acc_1',
    clientName: 'Claude Code',
    clientId: 'dcr_1',
    clientConnections: '/oauth/organizations/org_1/connections?client=dcr_1',
    verifiedHost: 'claude.ai',
    createdAt: at,
    expiresAt: at,
    timeLeft: '29 days left',
    replacedAt: '2026-11-24T11:09:00.000Z',
  };
  const roles = {
    page,
    organization: head('members'),
    heading: 'Add member',
    action: '/oauth/organizations/org_1/members/add',
    email: 'a',
    wide: [{ id: 'insights', label: 'Insights', gives: 'much', checked: true }],
    scoped: [{ id: 'app-admin', label: 'App Admin', gives: 'more' }],
    rows: [{ role: 'app-admin', app: 'a', keyset: 'b' }],
    submit: 'Send',
    cancel: '/oauth/a',
  };
  const invitation = {
    page,
    organization: 'Acme Robotics',
    roles: [{ label: 'Insights', gives: 'much' }],
    email: 'a',
    expiresAt: at,
    action: '/oauth/invitations/a',
    signIn: '/oauth/login',
    passwords: true,
  };
  const list = { page, text: '', filtered: false };
  return {
    organizationSettings: [
      {
        page,
        organization: head('settings'),
        notice: 'a',
        mcpAccess: true,
        changed: { at, name: 'Ada' },
        connections: '3 connections',
      },
      {
        page,
        organization: { ...head('settings'), personal: true },
        mcpAccess: false,
        changed: { at, name: undefined },
        connections: '3 connections',
      },
      { page, organization: head('settings'), mcpAccess: false, connections: '0 connections' },
    ],
    organizationConfirmation: [
      {
        page,
        organization: head('settings'),
        heading: 'a',
        lead: 'b',
        facts: [{ name: 'c', value: 'd', code: 'e' }],
        consequences: ['f'],
        option: { name: 'g', label: 'h', hint: 'i' },
        fields: [{ name: 'j', value: 'k' }],
        action: '/oauth/l',
        submit: 'm',
        cancel: '/oauth/n',
      },
    ],
    organizationConnections: [
      { ...list, organization: head('connections'), mcpAccess: false, connections: [], notice: 'a' },
      {
        ...list,
        organization: head('connections'),
        mcpAccess: true,
        connections: [connection, { ...connection, member: undefined, verifiedHost: undefined, rejected: 'e' }],
        text: 'a',
        only: { name: 'a', detail: 'b', count: 2, member: '', client: 'c', removeAll: '/oauth/d' },
        filtered: true,
        older: '/oauth/a',
        newest: '/oauth/b',
      },
    ],
    members: [
      {
        page,
        organization: head('members'),
        notice: { kind: 'caution', text: 'a' },
        link: { email: 'a', address: 'b' },
        members: [
          { ...who, id: 'acc_1', roles: ['Account Owner'], owner: true, you: true, unverified: false, joinedAt: at },
          { ...who, id: 'acc_2', roles: ['Insights'], owner: false, you: false, unverified: true, joinedAt: at },
        ],
        total: 20,
        text: 'a',
        furtherInvitations: 3,
        invitations: [
          { id: 'a', email: 'b', roles: ['c'], invitedBy: 'd', expiresAt: at, timeLeft: 'e', mailed: true },
        ],
        mails: true,
        older: '/oauth/a',
        newer: '/oauth/b',
      },
      {
        page,
        organization: { ...head('members'), personal: true },
        members: [],
        total: 1,
        text: '',
        invitations: [],
        furtherInvitations: 0,
        mails: false,
      },
    ],
    memberRoles: [
      { ...roles, mails: true, error: { field: 'email', message: 'a' } },
      { ...roles, mails: false, member: { ...who, unverified: true }, error: { field: 'roles', message: 'a' } },
    ],
    auditLog: [
      {
        page,
        organization: head('audit'),
        events: [
          { at, who, actor: 'a', ip: '127.0.0.1', action: 'b', refused: true, details: 'c' },
          { at, who: undefined, actor: 'The operator', action: 'b', refused: false, details: '' },
        ],
        groups: [{ label: 'a', actions: [{ id: 'b', label: 'c', selected: true }] }],
        person: 'a',
        filtered: true,
        download: '/oauth/a',
        older: '/oauth/b',
        newest: '/oauth/c',
      },
      { page, organization: head('audit'), events: [], groups: [], person: '', filtered: false, download: '/oauth/a' },
    ],
    invitation: [
      { ...invitation, inviter: who, step: 'accept' },
      { ...invitation, inviter: undefined, step: 'switch' },
      { ...invitation, inviter: who, step: 'sign-in' },
      { ...invitation, inviter: who, step: 'join', name: 'a', error: { field: 'password', message: 'b' } },
      { ...invitation, inviter: who, step: 'join', error: { field: 'name', message: 'b' } },
      { ...invitation, inviter: who, step: 'join', upstream: { name: 'c', href: '/oauth/login/upstream' } },
      { ...invitation, inviter: who, step: 'either', upstream: { name: 'c', href: '/oauth/d' } },
      { ...invitation, inviter: who, step: 'either', error: { field: 'all', message: 'b' } },
      { ...invitation, inviter: who, step: 'account-needed' },
      { ...invitation, inviter: who, step: 'join', passwords: false, upstream: { name: 'c', href: '/oauth/d' } },
    ],
    joined: [
      { page, organization: 'a', mcpAccess: true, settings: '/oauth/a', newPassword: '/oauth/c', resourceUrl: 'b' },
      { page, organization: 'a', mcpAccess: false, settings: undefined, newPassword: undefined, resourceUrl: 'b' },
    ],
  };
}
