import {
  ClientUrls,
  CLIENTS,
  AgentConfig,
  exportFor,
  OfferedModel,
} from '@prompt-corner/agent-config';
import { NotFoundError } from '@backstage/errors';
import express, { RequestHandler } from 'express';
import Router from 'express-promise-router';
import { INSTRUCTIONS_PATH, Instructions } from './Instructions';
import { CallerOptions, personalAnswer } from './PersonalConfig';
import { Platform, USER_PATH, WellKnownDocument } from './WellKnownDocument';
import type { LoggerService } from '@backstage/backend-plugin-api';

/** Where OpenCode looks, below the URL with which somebody signs in. */
export const WELL_KNOWN_PATH = '/.well-known/opencode';

/** Why somebody gets no configuration of their own. */
const REASON_HEADER = 'x-discovery-degraded';

/** Short, so that a new version arrives; the tools themselves keep nothing. */
const CACHED = 'public, max-age=60, no-transform';
const FOREVER = 'public, max-age=31536000, immutable';

/** Serves the document of everybody, in memory and at once. */
export function serveWellKnown(
  document: WellKnownDocument,
  platform: Platform,
): RequestHandler {
  return (request, response) => {
    const { bytes, etag } = document.current(platform);
    response.set({
      'content-type': 'application/json; charset=utf-8',
      // Permissions may be missing: that is for nobody to keep.
      'cache-control': document.isWhole ? CACHED : 'no-store',
      etag,
    });
    if (request.fresh) {
      response.status(304).end();
      return;
    }
    response.set('content-length', String(bytes.length)).end(bytes);
  };
}

/**
 * Everything below the AI proxy that configures clients:
 *
 * - `GET /.well-known/opencode`, and `/windows/.well-known/opencode` with a sign-in for PowerShell
 * - `GET /discovery/opencode/user`: what the caller gets on top
 * - `GET /discovery/instructions/<digest>/<name>.md`
 * - `GET /discovery/clients`, `/discovery/clients/<client>`, `/discovery/clients/<client>/files/<path>`
 */
export function createDiscoveryRouter(
  options: CallerOptions & {
    document: WellKnownDocument;
    config: () => AgentConfig;
    /** The same, and throws while it is not known. */
    known: () => AgentConfig;
    urls: ClientUrls;
    instructions: Instructions;
    whenSignedOut: 'continue' | 'stop';
    logger: LoggerService;
  },
): express.Router {
  const { document, urls, instructions, whenSignedOut } = options;
  const router = Router();
  router.get(WELL_KNOWN_PATH, serveWellKnown(document, 'posix'));
  router.get(`/windows${WELL_KNOWN_PATH}`, serveWellKnown(document, 'windows'));

  router.get(USER_PATH, async (request, response) => {
    const answer = await personalAnswer(request, options);
    response.set('cache-control', 'no-store');
    if (answer.kind === 'personal') {
      response.json({ config: answer.config });
      return;
    }
    response.set(REASON_HEADER, answer.kind);
    if (answer.kind === 'signed-out' && whenSignedOut === 'stop') {
      // A page in place of JSON is what makes OpenCode say how to sign in again (1.18.33);
      // any error status is "unexpected" to it.
      response
        .type('html')
        .send(
          `<!doctype html><title>Signed out</title><p>Run: opencode auth login ${urls.baseURL}</p>\n`,
        );
      return;
    }
    response.json({ config: {} });
  });

  router.get(`${INSTRUCTIONS_PATH}/:digest/:name`, (request, response) => {
    const { digest, name } = request.params;
    const text = instructions.text(`${digest}/${name}`);
    if (text === undefined) {
      throw new NotFoundError('There are no such instructions any more');
    }
    response
      .type('text/markdown')
      .set('cache-control', FOREVER)
      .send(`${text}\n`);
  });

  router.use('/discovery/clients', createClientsRouter(options));
  return router;
}

function createClientsRouter(options: {
  known: () => AgentConfig;
  urls: ClientUrls;
  models: () => readonly OfferedModel[];
}): express.Router {
  const { known, urls, models } = options;
  const router = Router();
  const filesOf = (client: string) =>
    exportFor(client, known().organisation, { urls, models: models() });

  router.get('/', (_request, response) => {
    response.set('cache-control', CACHED).json({ items: CLIENTS });
  });
  router.get('/:client', (request, response) => {
    const exported = filesOf(request.params.client);
    response.set('cache-control', CACHED).json(exported);
  });
  router.get('/:client/files/*', (request, response) => {
    const { client, 0: path } = request.params as Record<string, string>;
    const { files } = filesOf(client);
    const file = files.find(candidate => candidate.path === path);
    if (!file) {
      throw new NotFoundError(
        `There is no file "${path}" of ${client}; there are ${files
          .map(each => each.path)
          .join(', ')}`,
      );
    }
    response
      .type(file.contentType)
      .set('cache-control', CACHED)
      .send(file.content);
  });
  return router;
}
