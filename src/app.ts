/** The Koa app: the order of middleware and routers, and nothing else. */
import Router from '@koa/router';
import Koa from 'koa';
import type { Logger } from 'pino';
import { adminApi } from './admin/adminApi.js';
import { anonymousLimits } from './http/anonymousLimits.js';
import { bodyFormat } from './http/bodyFormat.js';
import { clientMethods } from './http/clientMethods.js';
import type { HttpState } from './http/context.js';
import { crossOrigin } from './http/crossOrigin.js';
import { health } from './http/health.js';
import { pinToIssuer } from './http/pinToIssuer.js';
import { requestLog } from './http/requestLog.js';
import { securityHeaders } from './http/securityHeaders.js';
import { authorizationServerMetadata, metadataPaths } from './oauth/metadata.js';
import { mountProvider } from './oauth/mount.js';
import { userinfoRoutes } from './oauth/userinfoRoutes.js';
import { createAssetRouter } from './pages/assets.js';
import { connectionRoutes } from './pages/connections.js';
import { errorAnswers } from './pages/errorPage.js';
import { forgottenPasswordRoutes } from './pages/forgottenPassword.js';
import { formsOnce } from './pages/formOnce.js';
import { interactionRoutes } from './pages/interaction.js';
import { invitationRoutes } from './pages/invitation.js';
import { loginRoutes } from './pages/login.js';
import { newOrganizationRoutes } from './pages/newOrganization.js';
import { authorizationPages } from './pages/oauthErrorPage.js';
import { organizationRoutes } from './pages/organizationPages.js';
import { organizationSwitchRoutes } from './pages/organizationSwitch.js';
import { profileRoutes } from './pages/profile.js';
import { sessionRoutes } from './pages/sessions.js';
import type { Site } from './pages/site.js';
import { upstreamSignInRoutes } from './pages/upstreamSignIn.js';

/** Paths below the issuer's that clients call; their errors are JSON. */
const FOR_CLIENTS = /^\/(token|register|revoke|introspect|userinfo|jwks|\.well-known\/.*)$/;

/**
 * Puts the app together.
 * @param stopping whether the server is shutting down
 */
export function createApp(site: Site, log: Logger, viewsFolder: string, stopping: () => boolean): Koa<HttpState> {
  const { config, stores, oauth } = site;
  const { basePath } = config;
  const wellKnown = metadataPaths(config);
  const metadata = new Map(
    config.issuers.map((issuer) => [issuer.identifier, authorizationServerMetadata(oauth, issuer)]),
  );

  const app = new Koa<HttpState>({ keys: [...config.cookieKeys], proxy: true });
  app.on('error', (err: unknown) => log.warn({ err }, 'connection failed'));
  app.use((_ctx, next) => {
    stores.beginRequest();
    return next();
  });
  app.use(pinToIssuer(config));
  app.use(requestLog(log, oauth.tally, basePath));
  for (const middleware of securityHeaders(basePath, config.secure)) app.use(middleware);
  app.use(errorAnswers(site, (path) => wellKnown.includes(path) || FOR_CLIENTS.test(path.slice(basePath.length))));
  app.use(health(stores, log, stopping));
  app.use(crossOrigin(basePath, wellKnown));
  app.use(clientMethods(basePath, wellKnown));
  app.use(anonymousLimits(oauth.limits, basePath));
  app.use(bodyFormat(`${basePath}/register`, 'application/json'));

  app.use(adminApi(oauth));

  const root = new Router<HttpState>();
  root.get(wellKnown, (ctx) => {
    ctx.set('Cache-Control', 'public, max-age=300');
    ctx.body = metadata.get(ctx.state.issuer);
  });
  app.use(root.routes());

  const router = new Router<HttpState>({ prefix: basePath });
  router.use(formsOnce(site));
  userinfoRoutes(oauth, router);
  loginRoutes(site, router);
  upstreamSignInRoutes(site, router);
  interactionRoutes(site, router);
  connectionRoutes(site, router);
  organizationSwitchRoutes(site, router);
  newOrganizationRoutes(site, router);
  profileRoutes(site, router);
  sessionRoutes(site, router);
  forgottenPasswordRoutes(site, router);
  organizationRoutes(site, router);
  invitationRoutes(site, router);
  app.use(router.routes());
  app.use(createAssetRouter(viewsFolder, basePath).routes());
  app.use(mountProvider(oauth, () => site.provider, authorizationPages(site)));
  return app;
}
