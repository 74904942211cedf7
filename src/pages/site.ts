/** What every page works with, made once at start. */
import type Provider from 'oidc-provider';
import type { Upstream } from '../accounts/upstream/openidProvider.js';
import type { Config } from '../config.js';
import type { Mailer } from '../mail.js';
import type { OauthContext } from '../oauth/context.js';
import type { Stores } from '../stores/stores.js';
import type { Render } from './render.js';

export interface Site {
  readonly config: Config;
  readonly stores: Stores;
  readonly oauth: OauthContext;
  /** The provider of this moment: another one after signing keys were rotated. */
  readonly provider: Provider;
  readonly render: Render;
  /** Undefined when no mail server is configured. */
  readonly mailer: Mailer | undefined;
  /** The OpenID provider that people can sign in with; undefined when none is configured. */
  readonly upstream: Upstream | undefined;
  /** Accounts that anyone may try: those of the demo directory, while it is in use. */
  readonly demoAccounts: readonly { email: string; password: string }[];
}
