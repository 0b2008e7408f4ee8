import type { LoggerService } from '@backstage/backend-plugin-api';
import { NotFoundError } from '@backstage/errors';
import { RateLimit } from '@prompt-corner/mcp-endpoint';
import { subscriberOf } from '@prompt-corner/plugin-agent-auth-node';
import express, { ErrorRequestHandler, Request, RequestHandler } from 'express';
import Router from 'express-promise-router';
import type { Caller } from '../callers/Caller';
import {
  isPublic,
  ListedPortal,
  ListedServer,
  listEntries,
  RegistryApiConfig,
  RegistryEntries,
  RegistryEntry,
} from '../registryApi';

/** The view of everybody changes when something is approved, and some seconds late is soon enough. */
const PUBLIC_CACHE = 'public, max-age=60';

/** Must be asked again each time: it is one caller's. */
const PRIVATE_CACHE = 'private, no-cache';

/** What Copilot asks of a registry; it is read without cookies, so every origin may. */
const allowOrigins: RequestHandler = (request, response, next) => {
  response.set({
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, OPTIONS',
    'access-control-allow-headers': 'Authorization, Content-Type',
  });
  if (request.method === 'OPTIONS') {
    response.status(204).end();
    return;
  }
  next();
};

const STATUS: Record<string, number> = {
  InputError: 400,
  AuthenticationError: 401,
  NotAllowedError: 403,
  NotFoundError: 404,
  ServiceUnavailableError: 503,
};

function answerErrors(logger: LoggerService): ErrorRequestHandler {
  return (error, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    // A path that cannot be decoded.
    const status = error instanceof URIError ? 400 : STATUS[error?.name];
    if (status === undefined) {
      logger.error('A request to the registry API failed', error);
    }
    response.status(status ?? 500).json({
      error: status === undefined ? 'Internal error' : error.message,
    });
  };
}

/**
 * The registry API v0.1, below `/registry` of the plugin: what everybody may
 * know at `/v0.1/servers`, and what one caller may use at `/mine/v0.1/servers`.
 * Read only. Clients: VS Code, Copilot, and whatever speaks to the public registry.
 *
 * Source: modelcontextprotocol/registry, docs/reference/api/openapi.yaml.
 */
export function createRegistryApiRouter(options: {
  config: RegistryApiConfig;
  entries: RegistryEntries;
  /** Those that are, or were, approved. */
  servers: () => ReadonlyArray<
    ListedServer & { annotations: Record<string, string> }
  >;
  /** Those that every user may enter, in the order of preference. */
  openPortals: () => readonly ListedPortal[];
  /** @throws AuthenticationError */
  callerOf: (request: Request) => Promise<Caller>;
  /** What a caller may use. */
  serversFor: (caller: Caller) => Promise<readonly ListedServer[]>;
  /** Those that a caller may enter, in the order of preference. */
  portalsFor: (caller: Caller) => Promise<readonly ListedPortal[]>;
  logger: LoggerService;
}): express.Router {
  const { config, entries, logger } = options;
  const limit = new RateLimit({
    requests: config.requestsPerMinute,
    window: { minutes: 1 },
  });

  const everybody = versionRouter(PUBLIC_CACHE, async () =>
    entries.of(
      options
        .servers()
        .filter(({ annotations }) => isPublic(config.anonymous, annotations)),
      options.openPortals(),
    ),
  );
  const mine = versionRouter(PRIVATE_CACHE, async request => {
    const caller = await options.callerOf(request);
    return entries.of(
      await options.serversFor(caller),
      await options.portalsFor(caller),
    );
  });

  const router = Router();
  router.use(allowOrigins);
  router.use(async (request, response, next) => {
    const seconds = await limit.take(subscriberOf(request.ip));
    if (seconds === undefined) {
      next();
      return;
    }
    response.set('retry-after', String(seconds)).status(429).json({
      error: 'Too many requests from this address; try again in a minute',
    });
  });
  router.use('/mine/v0.1', mine);
  router.use('/v0.1', everybody);
  router.use((request, response) => {
    response.status(404).json({
      error: `There is no ${request.path}; this registry has /v0.1/servers`,
    });
  });
  router.use(answerErrors(logger));
  return router;
}

function versionRouter(
  cache: string,
  entriesFor: (request: Request) => Promise<RegistryEntry[]>,
): express.Router {
  async function versionsOf(request: Request): Promise<RegistryEntry> {
    const { namespace, name } = request.params;
    const wanted = namespace === undefined ? name : `${namespace}/${name}`;
    const found = (await entriesFor(request)).find(
      ({ server }) => server.name === wanted,
    );
    if (!found) {
      throw new NotFoundError('Server not found');
    }
    return found;
  }

  /** Some proxies decode `%2F` in the name of a server. */
  const pathsOf = (rest: string) => [
    `/servers/:name/${rest}`,
    `/servers/:namespace/:name/${rest}`,
  ];

  const router = Router();
  router.get('/servers', async (request, response) => {
    const page = listEntries(await entriesFor(request), request.query);
    response.set('cache-control', cache).json(page);
  });
  router.get(pathsOf('versions'), async (request, response) => {
    const entry = await versionsOf(request);
    response
      .set('cache-control', cache)
      .json({ servers: [entry], metadata: { count: 1 } });
  });
  router.get(pathsOf('versions/:version'), async (request, response) => {
    const entry = await versionsOf(request);
    const { version } = request.params;
    if (version !== 'latest' && version !== entry.server.version) {
      throw new NotFoundError('Server version not found');
    }
    response.set('cache-control', cache).json(entry);
  });
  router.use((request, response, next) => {
    if (request.method === 'GET' || request.method === 'HEAD') {
      next();
      return;
    }
    response.status(501).json({
      error:
        'This registry is read only. Servers are proposed and approved in the portal',
    });
  });
  return router;
}
