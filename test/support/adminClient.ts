/** The operator's backend as the configuration knows it, and its tokens for the Admin API. */
import { type Answer, basic, form, request } from './client.js';
import type { TestServer } from './server.js';

export const ADMIN_CLIENT = { id: 'portal-backend', secret: 'secret-of-the-portal-backend-0123456789' };

/** For `adminClients` of a config file. */
export const ADMIN_CLIENTS = [{ clientId: ADMIN_CLIENT.id, clientSecrets: [ADMIN_CLIENT.secret] }];

/** Asks for a token of the Admin API. */
export const adminToken = (server: TestServer, { id, secret } = ADMIN_CLIENT): Promise<Answer> =>
  request(server.url('/token'), {
    method: 'POST',
    headers: basic(id, secret),
    body: form({ grant_type: 'client_credentials', scope: 'admin' }),
  });
