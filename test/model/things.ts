/** What the model knows of: people, organizations, clients, connections and what is handed out for them. */

export interface RoleAssignment {
  readonly role: string;
  readonly app?: string;
}

export interface ModelPerson {
  readonly accountId: string;
  readonly email: string;
}

export interface ModelOrganization {
  readonly id: string;
  readonly name: string;
  readonly personal: boolean;
  readonly owner: ModelPerson;
  mcpAccess: boolean;
  readonly roles: Map<ModelPerson, readonly RoleAssignment[]>;
}

/** What of the configuration file changes between two runs of the servers. */
export interface ModelConfiguration {
  /** Of each resource. */
  readonly scopes: readonly string[];
  /** What the resource server may get at the other API. */
  readonly exchange: readonly string[];
  /** Whether it names the pre-registered client. */
  readonly client: boolean;
}

export interface ModelClient {
  /** Which one it is, from 0. */
  readonly index: number;
  readonly preRegistered: boolean;
  /** Until when it is certainly known, and from when on certainly forgotten (milliseconds). */
  knownUntil: number;
  forgottenFrom: number;
}

export interface ModelResource {
  readonly indicator: string;
  readonly format: 'opaque' | 'signed';
  readonly defaultScope: string;
  /** Lifetime of its access tokens, in seconds. */
  readonly ttl: number;
}

export interface ModelConnection {
  readonly person: ModelPerson;
  readonly organization: ModelOrganization;
  readonly client: ModelClient;
  readonly resource: ModelResource;
  readonly scope: string;
  /** What its person was shown that the resource server may get at the other API. */
  readonly shown: readonly string[];
  readonly endsAt: number;
  status: 'pending' | 'active' | 'removed';
  /** As introspection named it first. */
  id?: string;
}

export interface ModelCode {
  readonly connection: ModelConnection;
  readonly expiresAt: number;
  value: string;
  verifier: string;
}

export interface ModelAccessToken {
  readonly connection: ModelConnection;
  readonly scope: string;
  /** Seconds, as introspection says them. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  value: string;
}

export interface ModelRefreshToken {
  readonly connection: ModelConnection;
  usedAt?: number;
  /** What its first use was answered with. */
  response?: { readonly access: ModelAccessToken; readonly refresh: ModelRefreshToken };
  value: string;
}

export type ModelToken = ModelAccessToken | ModelRefreshToken;

export interface ModelInvitation {
  readonly inviter: ModelPerson;
  readonly organization: ModelOrganization;
  readonly invited: ModelPerson;
  readonly roles: readonly RoleAssignment[];
  readonly expiresAt: number;
  open: boolean;
  token: string;
}
