/** What this server puts on a Koa context. */
import type { ParameterizedContext } from 'koa';
import type { SignedIn } from '../accounts/sessions.js';
import type { Refusal } from './refusal.js';

export interface HttpState {
  /** Stands in the log and on error pages, so that an operator finds the one by the other. */
  requestId: string;
  /** The issuer that the request came to, as clients compare it: this server's, or an alias. */
  issuer: string;
  /** The address of the client, behind as many proxies as TRUST_PROXY trusts. */
  ip: string;
  /** Who is signed in in this browser; loaded once a request, by `signedIn()`. */
  session?: Promise<SignedIn | undefined>;
  /** The form of this request, which is answered once (`pages/formOnce.ts`). */
  sending?: { readonly secret: string; readonly key: string };
  /** The cause of a failed request, for the log. */
  cause?: unknown;
  /** Why a request was refused, for the log and the metrics; also of one that ends in a redirect or in a page. */
  refusal?: Refusal | undefined;
  /** What an operator needs to know of a refusal and a person does not, for the log. */
  detail?: string | undefined;
}

export type HttpContext = ParameterizedContext<HttpState>;
