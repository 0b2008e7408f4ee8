import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  AgentAuthenticationError,
  AgentAuthService,
  AgentPrincipal,
  InsufficientScopeError,
  TooManyRequestsError,
} from '@prompt-corner/plugin-agent-auth-node';
import type { ApiName } from '@prompt-corner/plugin-ai-proxy-common';
import type { Request, RequestHandler, Response } from 'express';
import type { ComponentDirectory } from '../attribution';
import { Exchange, sendRefusal } from '../requests';
import {
  apiOf,
  FurtherRoute,
  hidingParameter,
  Operation,
  operationOf,
  Refusal,
} from '../wire';

/** What a token for models has to have. */
const SCOPES = ['models:use'];

/** Where clients of AI models send their tokens. */
const TOKEN_HEADERS = ['authorization', 'x-api-key', 'x-goog-api-key'] as const;

/** Parameters by which clients of Gemini and others send tokens; they would end up in logs on the way. */
const CREDENTIALS_IN_QUERY = [
  'key',
  'api_key',
  'access_token',
  'oauth_token',
  '$key',
  '$access_token',
  '$oauth_token',
];

/** Answers what an operation asks. */
export type Answerer<T extends Operation['kind']> = (
  exchange: Exchange,
  operation: Extract<Operation, { kind: T }>,
) => Promise<void> | void;

/** Who answers each kind of operation. */
export type Answerers = { [T in Operation['kind']]: Answerer<T> };

/**
 * The endpoint for model traffic: finds out what is asked and by whom, and hands
 * it on.
 *
 * @param options.audience - URL of the proxy, which tokens have to be for
 * @param options.further - routes that an administrator allows besides the known ones
 */
export function createHandler(options: {
  agentAuth: AgentAuthService;
  audience: string;
  further: readonly FurtherRoute[];
  components: Pick<ComponentDirectory, 'find'>;
  answerers: Answerers;
  logger: LoggerService;
}): RequestHandler {
  const { agentAuth, audience, further, components, answerers, logger } =
    options;
  const authentication = {
    audience,
    scopes: SCOPES,
    tokenHeaders: [...TOKEN_HEADERS],
  };

  const handle = async (
    request: Request,
    response: Response,
    { api, rest, query }: { api: ApiName; rest: string; query: string },
  ) => {
    let principal: AgentPrincipal;
    try {
      principal = await agentAuth.authenticate(request, authentication);
    } catch (error) {
      const refusal = authenticationRefusal(error, query);
      if (refusal.status === 401 && isOpenCode(request)) {
        refusal.message += `. Run: opencode auth login ${audience}`;
      }
      if (refusal.status >= 500) {
        logger.error('A caller could not be authenticated', error as Error);
      }
      sendRefusal(response, api, refusal);
      return;
    }
    const operation = operationOf(api, request.method, rest, further);
    if (!operation) {
      sendRefusal(response, api, {
        status: 404,
        reason: 'unknown_route',
        message: `${request.method} ${rest.slice(
          0,
          200,
        )} is not allowed here. Administrators can allow it in aiProxy.routes`,
      });
      return;
    }
    const hiding = hidingParameter(operation, query);
    if (hiding !== undefined) {
      sendRefusal(response, api, {
        status: 400,
        reason: 'invalid_parameter',
        message: `The parameter "${hiding}" would hide usage. Leave it out, or ask with alt=sse or alt=json`,
      });
      return;
    }
    const exchange = new Exchange(
      request,
      response,
      operation,
      withoutCredentials(query),
      principal,
      components,
    );
    exchange.onUnexpected = error =>
      logger.error(
        `Request ${exchange.id} (${operation.name}) failed`,
        error as Error,
      );
    await (answerers[operation.kind] as Answerer<Operation['kind']>)(
      exchange,
      operation as never,
    );
  };

  return (request, response, next) => {
    const at = request.url.indexOf('?');
    const path = at < 0 ? request.url : request.url.slice(0, at);
    const found = apiOf(path);
    if (!found || /^\/(?:\.well-known|managed)\//.test(found.rest)) {
      next();
      return;
    }
    if (isTelemetry(request, found)) {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{}');
      return;
    }
    if (isProbe(request, found.rest)) {
      response.writeHead(200, { 'cache-control': 'no-store' }).end();
      return;
    }
    const query = at < 0 ? '' : request.url.slice(at);
    handle(request, response, { ...found, query }).catch(error => {
      logger.error('A request failed', error);
      sendRefusal(response, found.api, {
        status: 500,
        reason: 'internal',
        message: 'The proxy failed. Its log says why',
      });
    });
  };
}

/** Claude Code sends its own telemetry to a gateway (OTLP); nothing here keeps it. */
function isTelemetry(
  { method }: Request,
  { api, rest }: { api: ApiName; rest: string },
): boolean {
  return (
    api === 'anthropic' &&
    method === 'POST' &&
    /^\/v1\/(?:metrics|logs|traces)$/.test(rest)
  );
}

/** Tools look whether anybody is there, without a token (Claude Code: `HEAD` of its base URL). */
function isProbe({ method }: Request, rest: string): boolean {
  return method === 'HEAD' && /^\/(?:v1|v1beta)?\/?$/.test(rest);
}

/** It shows the message, and does not say how to sign in again by itself (1.18). */
function isOpenCode({ headers }: Request): boolean {
  return headers['user-agent']?.startsWith('opencode/') ?? false;
}

function authenticationRefusal(error: unknown, query: string): Refusal {
  if (error instanceof InsufficientScopeError) {
    return {
      status: 403,
      reason: 'insufficient_scope',
      message: error.message,
    };
  }
  if (error instanceof TooManyRequestsError) {
    return {
      status: 429,
      reason: 'too_many_unknown_tokens',
      message: error.message,
      retryAfterSeconds: error.retryAfterSeconds,
    };
  }
  if (error instanceof AgentAuthenticationError) {
    const isInQuery = CREDENTIALS_IN_QUERY.some(name =>
      new URLSearchParams(query).has(name),
    );
    return {
      status: 401,
      reason: error.code,
      message: isInQuery
        ? 'Tokens are not taken from the URL, where logs keep them. Send it in a header'
        : error.message,
    };
  }
  return {
    status: 503,
    reason: 'authentication_unavailable',
    message: 'Callers cannot be authenticated just now. Try again',
    retryAfterSeconds: 1,
  };
}

function withoutCredentials(query: string): string {
  if (query.length < 2) {
    return '';
  }
  const parameters = new URLSearchParams(query);
  const found = CREDENTIALS_IN_QUERY.filter(name => parameters.has(name));
  if (found.length === 0) {
    return query;
  }
  found.forEach(name => parameters.delete(name));
  const rest = parameters.toString();
  return rest && `?${rest}`;
}
