import type { LoggerService } from '@backstage/backend-plugin-api';
import { isError } from '@backstage/errors';
import { classifyInboundRequest } from '@modelcontextprotocol/server';
import {
  RateLimit,
  readMessage,
  RequestGuard,
  sendRpcError,
} from '@prompt-corner/mcp-endpoint';
import {
  InsufficientScopeError,
  sendAuthError,
} from '@prompt-corner/plugin-agent-auth-node';
import type express from 'express';
import Router from 'express-promise-router';
import type { ApiTools } from '../apis/tools';
import { SCOPES } from '../callers/CallerAuthentication';
import { PORTAL_PREFIX } from '../names';
import { PortalViews, requiredScope } from '../views';
import { enter, Entrance, entranceOf, EntranceOptions } from './entrance';
import { isTooDeep } from './isTooDeep';
import type { LegacyEndpoint } from './LegacyEndpoint';
import type { ModernEndpoint } from './ModernEndpoint';
import type { PortalRequest } from './PortalRequest';

/** Arguments may hold a file. */
const MAX_BODY_BYTES = 4_000_000;

/** After which a client may find what is missing back, seconds. */
const RETRY_SECONDS = 5;

/** Of refusals that the client can read. */
const STATUS: Record<string, number> = {
  InputError: 400,
  NotAllowedError: 403,
  NotFoundError: 404,
};

const CALLS = new Set(['tools/call', 'prompts/get', 'resources/read']);

/** With what {@link createRouter} works. */
export interface EndpointOptions extends EntranceOptions {
  views: PortalViews;
  apis: ApiTools;
  guard: RequestGuard;
  rateLimitOf: (portal: string) => RateLimit;
  modern: ModernEndpoint;
  legacy: LegacyEndpoint;
  logger: LoggerService;
}

/**
 * The MCP endpoints of all portals and APIs: Streamable HTTP at `/:portal` and
 * `/apis/:api`, for protocol revision 2026-07-28 and for 2025-11-25 and older.
 *
 * Stages of a request, in this order: host and origin, portal, authentication,
 * admission, message, scopes, rate limit, protocol. What a call goes through
 * then is in `calls/PortalCalls.ts`.
 */
export function createRouter(options: EndpointOptions): express.Router {
  const { modern, legacy } = options;
  const router = Router();
  router.all(['/:portal', '/apis/:api'], async (request, response) => {
    const admitted = await admit(options, request, response);
    if (!admitted) {
      return;
    }
    let message: unknown;
    if (request.method === 'POST') {
      message = await readMessage(request, response, {
        maxBytes: MAX_BODY_BYTES,
      });
      if (message !== undefined && isTooDeep(message)) {
        sendRpcError(
          response.status(400),
          'The message is nested too deeply',
          -32600,
        );
        return;
      }
      if (
        message === undefined ||
        (await isRefused(options, admitted, response, message))
      ) {
        return;
      }
      if (isCall(message)) {
        // Backstage compresses answers. Of a call, that took longer than to decide it.
        response.set('cache-control', 'no-store, no-transform');
      }
    }
    const endpoint = isLegacy(request, message) ? legacy : modern;
    await endpoint.serve(admitted, request, response, message);
  });
  router.use(answerFailure(options));
  return router;
}

/** What nobody could do anything about: the database does not answer. */
function answerFailure({
  logger,
}: EndpointOptions): express.ErrorRequestHandler {
  return (error, _request, response, next) => {
    if (response.headersSent || error.name !== 'ServiceUnavailableError') {
      next(error);
      return;
    }
    logger.warn(`Cannot serve a portal: ${error}`);
    sendUnavailable(response, 'The portal cannot do this at the moment');
  };
}

/** @returns undefined when the request was answered with a refusal */
async function admit(
  options: EndpointOptions,
  request: express.Request,
  response: express.Response,
): Promise<PortalRequest | undefined> {
  const { guard, logger } = options;
  const refusal = guard.refusalOf(request.headers);
  if (refusal) {
    sendRpcError(response.status(403), refusal);
    return undefined;
  }
  let entrance: Entrance | undefined;
  try {
    entrance = entranceOf(options, request.params);
    return await enter(options, entrance, request);
  } catch (error) {
    answerRefusal(error, response, {
      logger,
      resource: entrance && urlOf(response, entrance.audience),
    });
    return undefined;
  }
}

function answerRefusal(
  error: unknown,
  response: express.Response,
  { logger, resource }: { logger: LoggerService; resource?: string },
): void {
  const name = isError(error) ? error.name : '';
  if (
    resource &&
    sendAuthError(response, error, { resource, scopes: SCOPES })
  ) {
    return;
  }
  const status = STATUS[name];
  if (status !== undefined) {
    sendRpcError(response.status(status), (error as Error).message);
    return;
  }
  if (name !== 'ServiceUnavailableError') {
    throw error;
  }
  logger.warn(`Cannot serve a portal: ${error}`);
  sendUnavailable(response, 'The portal cannot tell who is calling right now');
}

function sendUnavailable(response: express.Response, message: string): void {
  sendRpcError(
    response.status(503).set('retry-after', String(RETRY_SECONDS)),
    `${message}. Try again in ${RETRY_SECONDS} s`,
  );
}

/** What can only be refused by HTTP itself: too few scopes, too many requests. */
async function isRefused(
  { views, apis, rateLimitOf, refusals, audienceOf }: EndpointOptions,
  admitted: PortalRequest,
  response: express.Response,
  message: unknown,
): Promise<boolean> {
  const { caller, portal, api, traceId } = admitted;
  const { method, params } = (message ?? {}) as {
    method?: unknown;
    params?: { name?: unknown };
  };
  const tool =
    method === 'tools/call' && typeof params?.name === 'string'
      ? await views.beyondScopes(caller, portal, params.name)
      : undefined;
  const name = String(params?.name);
  // Of code, each call counts, and so does running it.
  const isOwnTool =
    name.startsWith(`${PORTAL_PREFIX}_`) ||
    (method === 'tools/call' && (await apis.has(admitted, name)));
  if (isCall(message) && !isOwnTool && !tool) {
    // Counted on their way, together with those of Code Mode.
    return false;
  }
  const waitSeconds = await rateLimitOf(portal.name).take(caller.uuid);
  if (waitSeconds !== undefined) {
    const refusal = `Too many requests. Try again in ${waitSeconds} s`;
    await refusals.tooMany(
      { caller, portal, message: refusal, traceId },
      method,
    );
    sendRpcError(
      response.status(429).set('retry-after', String(waitSeconds)),
      refusal,
    );
    return true;
  }
  if (!tool) {
    return false;
  }
  const required = requiredScope(tool.toolClass);
  await refusals.beyondScopes(
    {
      caller,
      portal,
      message: `The token lacks the scope ${required}`,
      traceId,
    },
    tool,
  );
  const error = new InsufficientScopeError({
    missing: [required],
    required: [...new Set([...caller.scopes, required])],
  });
  return sendAuthError(response, error, {
    resource: urlOf(
      response,
      audienceOf(api === undefined ? portal.name : `apis/${api}`),
    ),
    scopes: SCOPES,
  });
}

function isCall(message: unknown): boolean {
  return CALLS.has(String((message as { method?: unknown } | null)?.method));
}

function isLegacy(request: express.Request, body: unknown): boolean {
  return (
    classifyInboundRequest({
      httpMethod: request.method,
      protocolVersionHeader: request.header('mcp-protocol-version'),
      mcpMethodHeader: request.header('mcp-method'),
      mcpNameHeader: request.header('mcp-name'),
      body,
    }).kind === 'legacy'
  );
}

/** The URL of the portal by which the client knows it: where to sign in is looked up by that one. */
function urlOf(response: express.Response, audience: string): string {
  return response.locals.portalUrl ?? audience;
}
