import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  ListResourcesResult,
  ResourceNotFoundError,
  ServerContext,
} from '@modelcontextprotocol/server';
import type { PolicyEngine } from '../policy';
import type { ServedServer } from '../registry';
import { capabilitiesOf, Upstreams } from '../upstreams';
import { GrantsOf, PortalViews, targetOf } from '../views';
import { clientOf } from './callOf';
import type { PortalRequest } from './PortalRequest';

/** Shorter than for calls: one slow server must not hold up the list. */
const LIST_TIMEOUT_MS = 10_000;

/** Of one server. A server whose pages never end is cut off. */
const MAX_PAGES = 50;

/** Under which a list says what is missing in it. */
const DEGRADED = 'prompt-corner.dev/degraded';

/** Resources of the servers of a portal. They are content, and listed by the servers at each request. */
export class Resources {
  readonly #views: PortalViews;
  readonly #policy: PolicyEngine;
  readonly #grantsOf: GrantsOf;
  readonly #upstreams: Upstreams;
  readonly #logger: LoggerService;

  constructor(options: {
    views: PortalViews;
    policy: PolicyEngine;
    grantsOf: GrantsOf;
    upstreams: Upstreams;
    logger: LoggerService;
  }) {
    this.#views = options.views;
    this.#policy = options.policy;
    this.#grantsOf = options.grantsOf;
    this.#upstreams = options.upstreams;
    this.#logger = options.logger;
  }

  /** All resources that the caller may read. A server that fails is named in `_meta`, and the others are listed. */
  async list(
    request: PortalRequest,
    ctx: ServerContext,
  ): Promise<ListResourcesResult> {
    const { caller, portal } = request;
    const { servers } = await this.#views.of(caller, portal);
    const mayRead = await this.#readableBy(request);
    const degraded: string[] = [];
    const lists = await Promise.all(
      servers.map(async server => {
        try {
          const resources = await this.#listOf(server, request, ctx);
          return resources
            .filter(({ uri }) => mayRead(server, String(uri)))
            .map(resource => ({
              ...resource,
              uri: portal.naming.resourceUri(server.name, String(resource.uri)),
            }));
        } catch (error) {
          ctx.mcpReq.signal.throwIfAborted();
          this.#logger.debug(`No resources of "${server.name}": ${error}`);
          degraded.push(server.name);
          return [];
        }
      }),
    );
    return {
      resources: lists.flat() as never[],
      ...(degraded.length && { _meta: { [DEGRADED]: degraded } }),
    };
  }

  /** @throws ResourceNotFoundError when the caller may not read it, or nobody has it */
  async assertReadable(
    request: PortalRequest,
    uri: string,
  ): Promise<{ server: ServedServer; uri: string }> {
    const { caller, portal } = request;
    const { servers } = await this.#views.of(caller, portal);
    const resource = portal.naming.resourceOf(
      uri,
      servers.map(({ name }) => name),
    );
    const server = servers.find(({ name }) => name === resource?.server);
    const mayRead = await this.#readableBy(request);
    if (!resource || !server || !mayRead(server, resource.uri)) {
      throw new ResourceNotFoundError(uri);
    }
    return { server, uri: resource.uri };
  }

  async #readableBy({ caller, portal }: PortalRequest) {
    const grants = await this.#grantsOf(caller.uuid);
    return (server: ServedServer, uri: string) =>
      caller.scopes.has('tools:read') &&
      this.#policy.decideListing({
        caller,
        portal: portal.name,
        action: 'read_resource',
        target: targetOf(portal.name, server, uri, undefined, grants),
      }).effect !== 'deny';
  }

  async #listOf(
    server: ServedServer,
    request: PortalRequest,
    ctx: ServerContext,
  ): Promise<Array<Record<string, unknown>>> {
    const asked = {
      server,
      caller: request.caller,
      client: clientOf(request, ctx),
      signal: ctx.mcpReq.signal,
      timeoutMs: LIST_TIMEOUT_MS,
    };
    const handshake = await this.#upstreams.handshake(asked);
    if (!capabilitiesOf(handshake).resources) {
      return [];
    }
    const resources: Array<Record<string, unknown>> = [];
    let cursor: unknown;
    for (let page = 0; page < MAX_PAGES; page++) {
      const result: Record<string, unknown> = await this.#upstreams.request({
        ...asked,
        method: 'resources/list',
        params: cursor === undefined ? {} : { cursor },
        repeatable: true,
      });
      if (Array.isArray(result.resources)) {
        resources.push(...result.resources);
      }
      cursor = result.nextCursor;
      if (typeof cursor !== 'string') {
        break;
      }
    }
    return resources;
  }
}
