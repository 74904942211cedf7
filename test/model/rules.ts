/** The rules of a connection (docs/rules.md), in memory and as plainly as they can be said: what the servers are compared with. */
import type { Decisions } from './decisions.js';
import { DAY, oneMonthAfter, SECOND } from './moments.js';
import type {
  ModelAccessToken,
  ModelClient,
  ModelCode,
  ModelConfiguration,
  ModelConnection,
  ModelOrganization,
  ModelPerson,
  ModelRefreshToken,
  ModelResource,
} from './things.js';

const CODE_LIVES = 300 * SECOND;

export type TokenError = 'access_denied' | 'invalid_grant' | 'invalid_target' | 'invalid_scope';

/** What a token request is answered with. */
export type Granted =
  | { readonly error: TokenError }
  | { readonly access: ModelAccessToken; readonly refresh: ModelRefreshToken; readonly repeated: boolean };

export class Rules {
  readonly connections: ModelConnection[] = [];
  readonly codes: ModelCode[] = [];
  readonly accessTokens: ModelAccessToken[] = [];
  readonly refreshTokens: ModelRefreshToken[] = [];
  /** Access tokens of the other API, got in exchange for those. */
  readonly exchangedTokens: ModelAccessToken[] = [];

  /**
   * @param now the servers' clock, which stands still until it is moved (milliseconds)
   * @param decisions notes what is decided
   * @param configuration what the servers run with
   */
  constructor(
    public now: number,
    readonly decisions: Decisions,
    public configuration: ModelConfiguration,
  ) {}

  /** Rule 7: of what was granted, what is still there. */
  left(scope: string): string {
    const { scopes } = this.configuration;
    const names = scope.split(' ');
    if (!names.some((one) => scopes.includes(one))) return '';
    return names.filter((one) => scopes.includes(one) || one === 'offline_access').join(' ');
  }

  /** Rule 7: whether something is left that lets the client do anything. */
  isLeft({ scope, client }: ModelConnection): boolean {
    const gives = this.configuration.scopes.some((one) => scope.split(' ').includes(one));
    return gives && (!client.preRegistered || this.configuration.client);
  }

  /** Rule 1. */
  mayUseMcp(person: ModelPerson, organization: ModelOrganization): boolean {
    return organization.mcpAccess && organization.roles.has(person);
  }

  isActive(connection: ModelConnection): boolean {
    return connection.status === 'active' && connection.endsAt > this.now;
  }

  isUsable(connection: ModelConnection): boolean {
    return (
      this.isActive(connection) && this.mayUseMcp(connection.person, connection.organization) && this.isLeft(connection)
    );
  }

  /** The person approves; undefined when the policy refuses. */
  consent(
    person: ModelPerson,
    organization: ModelOrganization,
    client: ModelClient,
    resource: ModelResource,
    asked = resource.defaultScope,
  ): ModelCode | undefined {
    const refusal = this.decisions.refusal({
      'consent while MCP access is off': !organization.mcpAccess && 403,
      'consent for an organization of others': !organization.roles.has(person) && 403,
    });
    if (refusal) return undefined;
    const endsAt = oneMonthAfter(this.now);
    const who = { person, organization, client, resource };
    const scope = this.withKept(this.left(asked) || this.left(resource.defaultScope), who);
    const shown = this.configuration.exchange;
    const connection: ModelConnection = { ...who, scope, shown, endsAt, status: 'pending' };
    const code = { connection, expiresAt: this.now + CODE_LIVES, value: '', verifier: '' };
    this.connections.push(connection);
    this.codes.push(code);
    return code;
  }

  /** A client that connects again keeps what its connections of the same person, organization and resource have left. */
  private withKept(
    scope: string,
    {
      person,
      organization,
      client,
      resource,
    }: Pick<ModelConnection, 'person' | 'organization' | 'client' | 'resource'>,
  ): string {
    const kept = this.connections
      .filter((one) => one.person === person && one.organization === organization)
      .filter((one) => one.client === client && one.resource === resource && this.isActive(one))
      .toReversed()
      .flatMap((one) => this.left(one.scope).split(' '));
    if (kept.some((name) => name !== '' && !scope.split(' ').includes(name)))
      this.decisions.note('consent keeps what was granted before');
    return [...new Set([...scope.split(' '), ...kept])].filter(Boolean).join(' ');
  }

  exchange(code: ModelCode, client: ModelClient, verifierIsRight: boolean): Granted {
    const { connection } = code;
    const error = this.decisions.refusal({
      'code of another client': client !== connection.client && 'invalid_grant',
      'code after five minutes': code.expiresAt <= this.now && 'invalid_grant',
      'code with another verifier': !verifierIsRight && 'invalid_grant',
      'code of a removed connection': connection.status === 'removed' && 'invalid_grant',
    });
    if (error) return { error };
    if (connection.status === 'active') {
      // Reuse ends everything that the code gave, whatever MCP access says.
      this.decisions.note('a code is used twice');
      connection.status = 'removed';
      return { error: 'invalid_grant' };
    }
    const refused = this.decisions.refusal({
      'code while MCP access is off': !connection.organization.mcpAccess && 'invalid_grant',
      'code of which no scope is left': !this.isLeft(connection) && 'invalid_grant',
    });
    if (refused) return { error: refused };
    connection.status = 'active';
    client.knownUntil = Math.max(client.knownUntil, connection.endsAt + 59 * DAY);
    client.forgottenFrom = Math.max(client.forgottenFrom, connection.endsAt + 60 * DAY);
    return { ...this.issue(connection, this.left(connection.scope)), repeated: false };
  }

  /** Makes the tokens that a request is answered with. */
  issue(connection: ModelConnection, scope: string): { access: ModelAccessToken; refresh: ModelRefreshToken } {
    const issuedAt = Math.floor(this.now / SECOND);
    const expiresAt = Math.min(issuedAt + connection.resource.ttl, Math.floor(connection.endsAt / SECOND));
    if (expiresAt < issuedAt + connection.resource.ttl) this.decisions.note('a token ends with its connection');
    const access: ModelAccessToken = { connection, scope, issuedAt, expiresAt, value: '' };
    const refresh: ModelRefreshToken = { connection, value: '' };
    this.accessTokens.push(access);
    this.refreshTokens.push(refresh);
    return { access, refresh };
  }
}
