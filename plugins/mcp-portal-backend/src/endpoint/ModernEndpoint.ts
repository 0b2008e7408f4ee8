import type { LoggerService } from '@backstage/backend-plugin-api';
import { toNodeHandler } from '@modelcontextprotocol/node';
import {
  AuthInfo,
  CLIENT_INFO_META_KEY,
  createMcpHandler,
  Implementation,
  InMemoryServerEventBus,
  PROTOCOL_VERSION_META_KEY,
} from '@modelcontextprotocol/server';
import type { Request, Response } from 'express';
import { createMcpServer, McpServerParts } from './createMcpServer';
import { HEADER_MISMATCH, headerProblem } from './headerArguments';
import type { ListChanges, ListKind } from './ListChanges';
import type { PortalRequest } from './PortalRequest';
import type { ResourceChanges } from './ResourceChanges';
import { sessionRecord } from './sessionRecord';
import { whileCurrent } from './whileCurrent';

/** How many resources one client can listen to at once. */
const MAX_RESOURCES = 100;

const EVENTS = {
  tools: 'tools_list_changed',
  prompts: 'prompts_list_changed',
  resources: 'resources_list_changed',
} as const satisfies Record<ListKind, string>;

/** Serves clients of protocol revision 2026-07-28, which has no sessions. */
export class ModernEndpoint {
  readonly #parts: McpServerParts;
  readonly #listChanges: ListChanges;
  readonly #resourceChanges: ResourceChanges;
  readonly #onerror: (error: Error) => void;
  readonly #serve: ReturnType<typeof toNodeHandler>;

  constructor(options: {
    parts: McpServerParts;
    listChanges: ListChanges;
    resourceChanges: ResourceChanges;
    logger: LoggerService;
  }) {
    this.#parts = options.parts;
    this.#listChanges = options.listChanges;
    this.#resourceChanges = options.resourceChanges;
    this.#onerror = error =>
      options.logger.debug(`MCP request refused: ${error.message}`);
    this.#serve = this.#handler(new InMemoryServerEventBus());
  }

  async serve(
    admitted: PortalRequest,
    request: Request,
    response: Response,
    message: unknown,
  ): Promise<void> {
    const problem = await this.#headerProblem(admitted, request, message);
    if (problem) {
      const { id = null } = message as { id?: unknown };
      const error = { code: HEADER_MISMATCH, message: problem };
      response.status(400).json({ jsonrpc: '2.0', id, error });
      return;
    }
    const client = discoveringClient(message);
    if (client) {
      await this.#parts.audit.append(sessionRecord(admitted, client));
    }
    const authenticated = Object.assign(request, { auth: authOf(admitted) });
    const uris = listensTo(message);
    if (!uris) {
      await this.#serve(authenticated, response, message);
      return;
    }
    // What is told depends on the caller, so that each stream has a bus of its own.
    const bus = new InMemoryServerEventBus();
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    whileCurrent(admitted, response);
    this.#listChanges.watch(
      admitted,
      kind => bus.publish({ kind: EVENTS[kind] }),
      gone.signal,
    );
    if (uris.length) {
      this.#resourceChanges.watch(
        admitted,
        async () => uris,
        uri => bus.publish({ kind: 'resource_updated', uri }),
        gone.signal,
      );
    }
    await this.#handler(bus)(authenticated, response, message);
  }

  async #headerProblem(
    { caller, portal }: PortalRequest,
    request: Request,
    message: unknown,
  ): Promise<string | undefined> {
    const { method, params } = (message ?? {}) as {
      method?: unknown;
      params?: { name?: unknown; arguments?: unknown };
    };
    if (method !== 'tools/call' || typeof params?.name !== 'string') {
      return undefined;
    }
    const { tools } = await this.#parts.views.of(caller, portal);
    return headerProblem(
      tools.get(params.name)?.definition.inputSchema,
      params.arguments,
      request.headers,
    );
  }

  #handler(bus: InMemoryServerEventBus) {
    return toNodeHandler(
      createMcpHandler(
        ({ authInfo }) =>
          createMcpServer(
            this.#parts,
            authInfo!.extra as unknown as PortalRequest,
            'modern',
          ),
        { legacy: 'reject', bus, onerror: this.#onerror },
      ),
      { onerror: this.#onerror },
    );
  }
}

/** @returns URIs of resources; undefined when the message is no request to listen */
function listensTo(message: unknown): string[] | undefined {
  const { method, params } = (message ?? {}) as {
    method?: unknown;
    params?: { notifications?: { resourceSubscriptions?: unknown } };
  };
  if (method !== 'subscriptions/listen') {
    return undefined;
  }
  const uris = params?.notifications?.resourceSubscriptions;
  return Array.isArray(uris)
    ? uris.filter(uri => typeof uri === 'string').slice(0, MAX_RESOURCES)
    : [];
}

/** Who asks what the portal can do, which clients of this revision do when they connect. */
function discoveringClient(message: unknown) {
  const { method, params } = (message ?? {}) as {
    method?: unknown;
    params?: { _meta?: Record<string, unknown> };
  };
  const protocolVersion = params?._meta?.[PROTOCOL_VERSION_META_KEY];
  // Without the version, the request is refused.
  return method === 'server/discover' && typeof protocolVersion === 'string'
    ? {
        info: params?._meta?.[CLIENT_INFO_META_KEY] as
          | Implementation
          | undefined,
        protocolVersion,
      }
    : undefined;
}

/** The SDK's own way to bring what is known of the caller to where the request is served. */
function authOf(admitted: PortalRequest): AuthInfo {
  return {
    // The token itself goes no further than the router.
    token: '',
    clientId: admitted.caller.client.id,
    scopes: [...admitted.caller.scopes],
    extra: admitted as unknown as Record<string, unknown>,
  };
}
