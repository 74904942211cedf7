/** The files a page refers to: stylesheet, script, icon. Read once at start, so only what was there then is served. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import Router from '@koa/router';

/** One file, ready to be sent. */
export interface Asset {
  body: Buffer;
  contentType: string;
  /** Of the content; a URL that carries it may be cached for ever. */
  hash: string;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Reads the files of `assets/` by name; files of a kind no page uses are left out.
 * @param viewsFolder the folder that holds `assets/`
 */
export function readAssets(viewsFolder: string): ReadonlyMap<string, Asset> {
  const folder = join(viewsFolder, 'assets');
  const assets = new Map<string, Asset>();
  for (const name of readdirSync(folder)) {
    const contentType = contentTypes[extname(name)];
    if (contentType === undefined) continue;
    const body = readFileSync(join(folder, name));
    const hash = createHash('sha256').update(body).digest('base64url').slice(0, 16);
    assets.set(name, { body, contentType, hash });
  }
  return assets;
}

/**
 * Serves the assets at `{basePath}/assets/:name`; anything else is left to the next middleware.
 * @param viewsFolder the folder that holds `assets/`
 * @param basePath the issuer's path: empty, or e.g. `/oauth`
 */
export function createAssetRouter(viewsFolder: string, basePath: string): Router {
  const assets = readAssets(viewsFolder);
  const router = new Router({ prefix: basePath });
  router.get('/assets/:name', async (ctx, next) => {
    const asset = assets.get(ctx.params.name ?? '');
    if (asset === undefined) return next();
    ctx.status = 200;
    ctx.etag = asset.hash;
    // A hash of another version must not be cached as this one: during a rollout both are asked for.
    const immutable = ctx.query.v === asset.hash;
    ctx.set('Cache-Control', immutable ? 'public, max-age=31536000, immutable' : 'public, no-cache');
    if (ctx.fresh) {
      ctx.status = 304;
      return;
    }
    ctx.set('Content-Type', asset.contentType);
    ctx.body = asset.body;
  });
  return router;
}
