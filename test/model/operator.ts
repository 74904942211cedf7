/** The operator's backend, which may go to any of the servers: it does things, and sees what there is. */
import { ADMIN_CLIENT, adminToken } from '../support/adminClient.js';
import { type Answer, request } from '../support/client.js';
import type { TestServer } from '../support/server.js';
import { SECOND } from './moments.js';

/** Before a token is over, which it is after ten minutes. */
const TOKEN_KEPT = 500 * SECOND;

export class Operator {
  #token = '';
  #until = 0;

  /** @param now says where the servers' clock stands */
  constructor(private readonly now: () => number) {}

  /** @param path below the address of the Admin API */
  async send(server: TestServer, method: 'GET' | 'PUT' | 'DELETE', path: string, body?: object): Promise<Answer> {
    if (this.#until <= this.now()) {
      this.#token = String((await adminToken(server, ADMIN_CLIENT)).json.access_token);
      this.#until = this.now() + TOKEN_KEPT;
    }
    return request(server.url(`/admin/v1${path}`), {
      method,
      headers: { authorization: `Bearer ${this.#token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  }
}
