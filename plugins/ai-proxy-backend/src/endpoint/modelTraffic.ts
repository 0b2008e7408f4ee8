import type { Config } from '@backstage/config';
import type { RequestHandler } from 'express';

/** Handlers of running plugins, by the configuration of their backend: a process may have several, in tests. */
const handlers = new WeakMap<Config, RequestHandler>();

/** Where model traffic comes in. */
const PREFIX = '/api/ai-proxy/';

/**
 * Takes requests to models before all other middleware of the backend, which
 * they do not need: helmet's headers are for pages, compression would hold
 * streams back, and the log of requests would be told the same as usage. Without
 * it everything works as well, and each request takes longer. To be used in front
 * of all routes:
 *
 * ```ts
 * backend.add(
 *   rootHttpRouterServiceFactory({
 *     configure({ app, config, applyDefaults }) {
 *       app.use(modelTrafficFirst(config));
 *       applyDefaults();
 *     },
 *   }),
 * );
 * ```
 * @param config - of the backend
 * @public
 */
export function modelTrafficFirst(config: Config): RequestHandler {
  return (request, response, next) => {
    const { url } = request;
    const handler = url.startsWith(PREFIX) ? handlers.get(config) : undefined;
    if (!handler) {
      next();
      return;
    }
    // As helmet does, which is not asked here.
    request.app.disable('x-powered-by');
    response.removeHeader('x-powered-by');
    request.url = url.slice(PREFIX.length - 1);
    handler(request, response, error => {
      request.url = url;
      next(error);
    });
  };
}

/** Lets {@link modelTrafficFirst} find the plugin's handler. */
export function takeModelTraffic(
  config: Config,
  handler: RequestHandler,
): () => void {
  handlers.set(config, handler);
  return () => handlers.delete(config);
}
