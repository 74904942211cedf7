/** The rules of a connection (docs/rules.md), in memory and as plainly as they can be said: what the servers are compared with. */
import type {
  ModelAccessToken,
  ModelClient,
  ModelCode,
  ModelConnection,
  ModelOrganization,
  ModelPerson,
  ModelRefreshToken,
  ModelResource,
  ModelToken,
} from './things.js';

export const SECOND = 1_000;
export const DAY = 86_400 * SECOND;
const CODE_LIVES = 60 * SECOND;
const REPLAY_WINDOW = 30 * SECOND;

/** Rule 2: the same day of the next month, or that month's last day. */
export function oneMonthAfter(time: number): number {
  const date = new Date(time);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const lastDay = new Date(Date.UTC(year, month + 2, 0)).getUTCDate();
  return Date.UTC(year, month + 1, Math.min(day, lastDay)) + (time % DAY);
}

/** What a token request is answered with. */
export type Granted =
  | { readonly error: 'invalid_grant' | 'invalid_target' | 'invalid_scope' }
  | { readonly access: ModelAccessToken; readonly refresh: ModelRefreshToken; readonly repeated: boolean };

const refused = (error: 'invalid_grant' | 'invalid_target' | 'invalid_scope'): Granted => ({ error });

export class Rules {
  readonly connections: ModelConnection[] = [];
  readonly codes: ModelCode[] = [];
  readonly accessTokens: ModelAccessToken[] = [];
  readonly refreshTokens: ModelRefreshToken[] = [];

  /** @param now the servers' clock, which stands still until it is moved (milliseconds) */
  constructor(public now: number) {}

  /** Rule 1. */
  mayUseMcp(person: ModelPerson, organization: ModelOrganization): boolean {
    return organization.mcpAccess && organization.roles.has(person);
  }

  isActive(connection: ModelConnection): boolean {
    return connection.status === 'active' && connection.endsAt > this.now;
  }

  isUsable(connection: ModelConnection): boolean {
    return this.isActive(connection) && this.mayUseMcp(connection.person, connection.organization);
  }

  /** The person approves; undefined when the policy refuses. */
  consent(
    person: ModelPerson,
    organization: ModelOrganization,
    client: ModelClient,
    resource: ModelResource,
    scope = resource.defaultScope,
  ): ModelCode | undefined {
    if (!this.mayUseMcp(person, organization)) return undefined;
    const connection: ModelConnection = {
      person,
      organization,
      client,
      resource,
      scope,
      endsAt: oneMonthAfter(this.now),
      status: 'pending',
    };
    const code = { connection, expiresAt: this.now + CODE_LIVES, value: '', verifier: '' };
    this.connections.push(connection);
    this.codes.push(code);
    return code;
  }

  exchange(code: ModelCode, client: ModelClient, verifierIsRight: boolean): Granted {
    const { connection } = code;
    if (client !== connection.client || code.expiresAt <= this.now || !verifierIsRight) return refused('invalid_grant');
    // Reuse ends everything that the code gave.
    if (connection.status === 'active') connection.status = 'removed';
    if (connection.status === 'removed' || !this.mayUseMcp(connection.person, connection.organization))
      return refused('invalid_grant');
    connection.status = 'active';
    client.knownUntil = Math.max(client.knownUntil, connection.endsAt + 59 * DAY);
    client.forgottenFrom = Math.max(client.forgottenFrom, connection.endsAt + 60 * DAY);
    return { ...this.#issue(connection, connection.scope), repeated: false };
  }

  refresh(token: ModelRefreshToken, client: ModelClient, asked: { scope?: string; resource?: ModelResource }): Granted {
    const { connection } = token;
    if (client !== connection.client || !this.isUsable(connection)) return refused('invalid_grant');
    if (asked.resource && asked.resource !== connection.resource) return refused('invalid_target');
    const granted = connection.scope.split(' ');
    if (asked.scope?.split(' ').some((scope) => !granted.includes(scope))) return refused('invalid_scope');
    if (token.usedAt === undefined || !token.response) {
      token.usedAt = this.now;
      token.response = this.#issue(connection, asked.scope ?? connection.scope);
      return { ...token.response, repeated: false };
    }
    if (this.now < token.usedAt + REPLAY_WINDOW) return { ...token.response, repeated: true };
    connection.status = 'removed';
    return refused('invalid_grant');
  }

  /** Rule 4; works while MCP access is off. Another client's request changes nothing, nor does a token that is over. */
  revoke(token: ModelToken, client: ModelClient): void {
    const { connection } = token;
    const over = 'expiresAt' in token ? token.expiresAt * SECOND <= this.now : connection.endsAt <= this.now;
    if (client === connection.client && !over) connection.status = 'removed';
  }

  isLive(token: ModelAccessToken): boolean {
    return token.expiresAt * SECOND > this.now && this.isUsable(token.connection);
  }

  #issue(connection: ModelConnection, scope: string) {
    const issuedAt = Math.floor(this.now / SECOND);
    const expiresAt = Math.min(issuedAt + connection.resource.ttl, Math.floor(connection.endsAt / SECOND));
    const access: ModelAccessToken = { connection, scope, issuedAt, expiresAt, value: '' };
    const refresh: ModelRefreshToken = { connection, value: '' };
    this.accessTokens.push(access);
    this.refreshTokens.push(refresh);
    return { access, refresh };
  }
}
