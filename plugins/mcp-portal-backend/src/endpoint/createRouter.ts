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
import { CallerAuthentication, SCOPES } from '../callers/CallerAuthentication';
import { isCodeMode } from '../codeMode';
import { PORTAL_PREFIX } from '../names';
import type { Portal, Portals } from '../portals';
import { PortalViews, requiredScope } from '../views';
import { isTooDeep } from './isTooDeep';
import type { LegacyEndpoint } from './LegacyEndpoint';
import type { ModernEndpoint } from './ModernEndpoint';
import type { PortalRequest } from './PortalRequest';
import type { RefusalRecords } from './RefusalRecords';

/** Arguments may hold a file. */
const MAX_BODY_BYTES = 4_000_000;

/** After which a client may find what is missing back, seconds. */
const RETRY_SECONDS = 5;

/** How long a stream lasts whose caller cannot be checked again. */
const UNCHECKED_STREAM_MS = 5 * 60_000;

/** Of refusals that the client can read. */
const STATUS: Record<string, number> = {
  InputError: 400,
  NotAllowedError: 403,
  NotFoundError: 404,
};

const CALLS = new Set(['tools/call', 'prompts/get', 'resources/read']);

/** With what {@link createRouter} works. */
export interface EndpointOptions {
  portals: Portals;
  views: PortalViews;
  authentication: CallerAuthentication;
  guard: RequestGuard;
  rateLimitOf: (portal: string) => RateLimit;
  refusals: RefusalRecords;
  modern: ModernEndpoint;
  legacy: LegacyEndpoint;
  logger: LoggerService;
  /** The URL of a portal for clients, for which tokens are. */
  audienceOf: (portal: string) => string;
}

/**
 * The MCP endpoints of all portals: Streamable HTTP at `/:portal`, for protocol
 * revision 2026-07-28 and for 2025-11-25 and older.
 *
 * Stages of a request, in this order: host and origin, portal, authentication,
 * admission, message, scopes, rate limit, protocol. What a call goes through
 * then is in `calls/PortalCalls.ts`.
 */
export function createRouter(options: EndpointOptions): express.Router {
  const { modern, legacy } = options;
  const router = Router();
  router.all('/:portal', async (request, response) => {
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
  {
    portals,
    authentication,
    guard,
    refusals,
    logger,
    audienceOf,
  }: EndpointOptions,
  request: express.Request,
  response: express.Response,
): Promise<PortalRequest | undefined> {
  const refusal = guard.refusalOf(request.headers);
  if (refusal) {
    sendRpcError(response.status(403), refusal);
    return undefined;
  }
  let portal: Portal | undefined;
  try {
    const found = portals.get(request.params.portal);
    portal = found;
    const traceId = traceIdOf(request);
    const authenticate = () =>
      authentication.authenticate(request, {
        audience: audienceOf(found.name),
        anonymous: found.audience.anonymous,
      });
    const caller = await authenticate();
    try {
      portals.admit(caller, found);
    } catch (error) {
      const { message } = error as Error;
      await refusals.notAdmitted({ caller, portal: found, message, traceId });
      throw error;
    }
    const codeMode = isCodeMode(found.codeMode, request.query.codemode);
    return {
      caller,
      portal: found,
      codeMode,
      ownTools:
        found.ownTools && (!codeMode || request.query.portal_tools === 'on'),
      isCurrent: currency(request, async () =>
        portals.admit(await authenticate(), found),
      ),
      traceId,
    };
  } catch (error) {
    answerRefusal(error, response, {
      logger,
      resource: portal && urlOf(response, audienceOf(portal.name)),
    });
    return undefined;
  }
}

/** Whether somebody who was let in would be again. */
function currency(
  request: express.Request,
  authenticate: () => Promise<unknown>,
): () => Promise<boolean> {
  const started = Date.now();
  // A proof of a key is good once: such a client has to come again from time to time.
  return /^dpop /i.test(request.headers.authorization ?? '')
    ? async () => Date.now() - started < UNCHECKED_STREAM_MS
    : () =>
        authenticate().then(
          () => true,
          // Nobody loses a stream because agent-auth is away for a moment.
          error => isError(error) && error.name === 'ServiceUnavailableError',
        );
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
  { views, rateLimitOf, refusals, audienceOf }: EndpointOptions,
  { caller, portal, traceId }: PortalRequest,
  response: express.Response,
  message: unknown,
): Promise<boolean> {
  const { method, params } = (message ?? {}) as {
    method?: unknown;
    params?: { name?: unknown };
  };
  const tool =
    method === 'tools/call' && typeof params?.name === 'string'
      ? await views.beyondScopes(caller, portal, params.name)
      : undefined;
  const isOwnTool = String(params?.name).startsWith(`${PORTAL_PREFIX}_`);
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
    resource: urlOf(response, audienceOf(portal.name)),
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

/** W3C Trace Context. */
function traceIdOf(request: express.Request): string | undefined {
  return /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(
    request.header('traceparent') ?? '',
  )?.[1];
}
