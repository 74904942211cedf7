/** One endpoint or form of the server, with what belongs into it. */

/**
 * In whose name a request is sent. Sessions end by what is sent, so whatever signs in or out is sent by somebody else than
 * the rest: `comer` has come from the upstream before, `leaver` signs out, and `guest` is not signed in. `approver`,
 * `denier` and `resumer` are the owner with the cookies of another authorization.
 */
export type Sender = 'owner' | 'approver' | 'denier' | 'resumer' | 'comer' | 'leaver' | 'guest';

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path segments; those that start with a colon are filled in. */
  readonly path: string;
  /** Parameters of the query, or of the form that is posted. */
  readonly fields: Readonly<Record<string, string>>;
  /** In place of a form. */
  readonly json?: Readonly<Record<string, unknown>>;
  /** The owner by default. */
  readonly sender?: Sender;
  /** Whether only a token of the Admin API opens it. */
  readonly admin?: boolean;
}

type Fields = Record<string, string>;

export const get = (path: string, fields: Fields = {}, sender: Sender = 'owner'): Endpoint => ({
  method: 'GET',
  path,
  fields,
  sender,
});

export const post = (path: string, fields: Fields = {}, sender: Sender = 'owner'): Endpoint => ({
  method: 'POST',
  path,
  fields,
  sender,
});

/** Its name, the same in each batch. */
export const nameOf = ({ method, path }: Endpoint): string => `${method} ${path}`;
