import { createHash } from 'node:crypto';
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  AgentAuthenticationError,
  AgentPrincipal,
  InsufficientScopeError,
} from '@prompt-corner/plugin-agent-auth-node';
import express, { Request, Response } from 'express';
import Router from 'express-promise-router';

/**
 * Serves settings to Claude Code that has signed in at a gateway (read in
 * version 2.1.329): `{uuid, checksum, settings}`, which it asks for when it
 * starts and about once an hour. It looks at `/managed/settings` below the URL
 * of its gateway, where this has to be mounted. It keeps what it has while the answer is 5xx.
 *
 * @param options.settingsFor - of the caller; undefined for none
 */
export function createManagedSettings(options: {
  authenticate: (request: Request) => Promise<AgentPrincipal>;
  settingsFor: (
    principal: AgentPrincipal,
  ) => Promise<Record<string, unknown> | undefined>;
  logger: LoggerService;
}): express.Router {
  const { authenticate, settingsFor, logger } = options;
  const router = Router();
  router.get('/', async (request, response) => {
    response.set('cache-control', 'private, no-cache');
    let settings: Record<string, unknown> | undefined;
    try {
      settings = await settingsFor(await authenticate(request));
    } catch (error) {
      sendError(response, error, logger);
      return;
    }
    if (!settings) {
      response.status(404).end();
      return;
    }
    const checksum = checksumOf(settings);
    response.set('etag', `"${checksum}"`);
    if (request.fresh) {
      response.status(304).end();
      return;
    }
    response.json({ uuid: uuidOf(checksum), checksum, settings });
  });
  return router;
}

/** In the format of Anthropic's API, as Claude Code shows it. */
function sendError(
  response: Response,
  error: unknown,
  logger: LoggerService,
): void {
  const send = (status: number, type: string, message: string) =>
    response.status(status).json({ type: 'error', error: { type, message } });
  if (error instanceof AgentAuthenticationError) {
    send(401, 'authentication_error', error.message);
  } else if (error instanceof InsufficientScopeError) {
    send(403, 'permission_error', error.message);
  } else {
    logger.warn(`Could not make settings of Claude Code: ${error}`);
    send(503, 'api_error', 'Settings are not available at the moment');
  }
}

/**
 * As Claude Code makes it of the settings that it has, to ask whether there are
 * others: SHA-256 of JSON whose keys are sorted.
 */
function checksumOf(settings: object): string {
  const digest = createHash('sha256')
    .update(JSON.stringify(sorted(settings)))
    .digest('hex');
  return `sha256:${digest}`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([key, inside]) => [key, sorted(inside)]),
    );
  }
  return value;
}

/** The same for the same settings: a UUID of one's own making (RFC 9562, version 8). */
function uuidOf(checksum: string): string {
  const hex = checksum.slice('sha256:'.length);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
