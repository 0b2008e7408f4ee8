import type { LoggerService } from '@backstage/backend-plugin-api';
import { isError } from '@backstage/errors';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { AuthInfo, createMcpHandler } from '@modelcontextprotocol/server';
import {
  RateLimit,
  readMessage,
  RequestGuard,
  sendRpcError,
} from '@prompt-corner/mcp-endpoint';
import {
  AgentPrincipal,
  sendAuthError,
} from '@prompt-corner/plugin-agent-auth-node';
import type express from 'express';
import Router from 'express-promise-router';
import type { CallerCatalog } from '../catalog/CallerCatalog';
import type { CatalogCallers } from '../catalog/CatalogCallers';
import { CallerAuthentication, SCOPES } from './CallerAuthentication';
import { createMcpServer, McpServerParts } from './createMcpServer';

/** Requests hold a question, never a document. */
const MAX_BODY_BYTES = 1_000_000;

/** After which a client may find agent-auth back, seconds. */
const RETRY_SECONDS = 5;

/** A request that was let in. */
interface Call {
  caller: CallerCatalog;
  agent?: AgentPrincipal;
  request: express.Request;
}

/**
 * The MCP endpoint: Streamable HTTP at `/v1`, without sessions, for protocol
 * revision 2026-07-28 and for 2025-11-25 and older.
 *
 * Stages of a request, in this order: host and origin, authentication, rate
 * limit, credentials to read the catalog, protocol, tool.
 */
export async function createRouter(options: {
  parts: McpServerParts;
  callers: CatalogCallers;
  authentication: CallerAuthentication;
  logger: LoggerService;
  guard: RequestGuard;
  rateLimit: RateLimit;
  /** The endpoint's URL for clients. */
  resource: string;
}): Promise<express.Router> {
  const { parts, callers, authentication, logger, guard, rateLimit, resource } =
    options;
  const onerror = (error: Error) =>
    logger.debug(`MCP request refused: ${error.message}`);
  const handler = createMcpHandler(
    ({ authInfo }) =>
      createMcpServer(parts, authInfo!.extra as unknown as Call),
    { legacy: 'stateless', onerror },
  );
  const serve = toNodeHandler(handler, { onerror });

  /** @returns undefined when the request was answered with a refusal */
  const admit = async (
    request: express.Request,
    response: express.Response,
  ): Promise<Call | undefined> => {
    const refusal = guard.refusalOf(request.headers);
    if (refusal) {
      sendRpcError(response.status(403), refusal);
      return undefined;
    }
    try {
      const { id, agent, credentials } = await authentication.authenticate(
        request,
      );
      const waitSeconds = await rateLimit.take(id);
      if (waitSeconds !== undefined) {
        sendRpcError(
          response.status(429).set('retry-after', String(waitSeconds)),
          `Too many requests. Try again in ${waitSeconds} s`,
        );
        return undefined;
      }
      const caller = await callers.of(await credentials());
      return { caller, agent, request };
    } catch (error) {
      if (isUnavailable(error)) {
        logger.warn(`Cannot tell who is calling: ${error.message}`);
        sendUnavailable(response);
      } else if (
        !sendAuthError(response, error, { resource, scopes: SCOPES })
      ) {
        throw error;
      }
      return undefined;
    }
  };

  const router = Router();
  router.all('/v1', async (request, response) => {
    const call = await admit(request, response);
    if (!call) {
      return;
    }
    const auth = authInfoOf(call);
    if (request.method !== 'POST') {
      await serve(Object.assign(request, { auth }), response);
      return;
    }
    const body = await readMessage(request, response, {
      maxBytes: MAX_BODY_BYTES,
    });
    if (body !== undefined) {
      await serve(Object.assign(request, { auth }), response, body);
    }
  });
  return router;
}

function authInfoOf(call: Call): AuthInfo {
  const { agent } = call;
  return {
    // The token itself goes no further than this router.
    token: '',
    clientId: agent?.client.id ?? '',
    scopes: agent ? [...agent.scopes] : [],
    extra: call as unknown as Record<string, unknown>,
  };
}

function isUnavailable(error: unknown): error is Error {
  return isError(error) && error.name === 'ServiceUnavailableError';
}

/** Without the reason, which is for the log. */
function sendUnavailable(response: express.Response): void {
  sendRpcError(
    response.status(503).set('retry-after', String(RETRY_SECONDS)),
    `The portal cannot tell who is calling right now. Try again in ${RETRY_SECONDS} s`,
  );
}
