/** The pages and forms of people, signed in or not. */
import { type Endpoint, get, post } from './endpoint.js';
import type { Known } from './known.js';

export function personEndpoints({ organization, email }: Known): Endpoint[] {
  return [
    get('/interaction/:uid'),
    post('/interaction/:uid', { decision: 'approve', organization_id: 'org_x' }),
    post('/interaction/:uidToApprove', { decision: 'approve', organization_id: organization }, 'approver'),
    post('/interaction/:uidToDeny', { decision: 'deny' }, 'denier'),
    get('/authorize/:uidToDeny', {}, 'resumer'),
    post('/interaction/:uid/switch-account', {}, 'leaver'),
    get('/'),
    get('/login', { return_to: '/account', again: '1', password: 'changed' }),
    post('/login', { email, password: 'wrong', return_to: '/account/connections' }, 'guest'),
    post('/logout', {}, 'leaver'),
    get('/logout'),
    get('/account'),
    post('/account/name', { name: 'Ada Lovelace' }),
    post('/account/password', { current_password: 'wrong', new_password: 'another-password' }),
    post('/account/sessions/end', { session: 'x' }),
    post('/account/sessions/end-others', {}, 'leaver'),
    post('/account/organization', {
      organization_id: organization,
      return_to: `/organizations/${organization}/members`,
    }),
    get('/account/connections', { text: 'x', organization, client: 'x', after: '1795000000000.con_x' }),
    get('/account/connections/:connection/remove'),
    post('/account/connections/:asset/remove'),
    get('/organizations/new'),
    post('/organizations/new', { name: 'Fuzz' }),
    get('/invitations/:invitation'),
    post('/invitations/:invitation'),
    post('/invitations/:invitation', { name: 'New', password: 'short' }, 'guest'),
    post('/invitations/:invitationToAccept', { name: 'New', password: 'long-enough-for-one' }, 'guest'),
    post('/invitations/:invitation/switch-account', {}, 'leaver'),
    get('/invitations/accepted', { organization }),
    get('/password/forgotten', { sent: '' }),
    post('/password/forgotten', { email }, 'guest'),
    get('/password/reset/:reset', {}, 'guest'),
    post('/password/reset/:reset', { new_password: 'short' }, 'guest'),
    post('/password/reset/:reset', { new_password: 'another-password' }, 'guest'),
    get('/assets/:asset', { v: 'x' }),
    get('/nothing/:asset'),
  ];
}
