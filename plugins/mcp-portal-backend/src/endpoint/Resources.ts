import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  ListResourcesResult,
  ResourceNotFoundError,
  ServerContext,
} from '@modelcontextprotocol/server';
import type { AuditFinding } from '@prompt-corner/plugin-mcp-portal-common';
import { isRecord } from '../json/isRecord';
import type { PortalGuards } from '../guards';
import type { PolicyEngine } from '../policy';
import type { ServedServer } from '../registry';
import { capabilitiesOf, listAll, ListBounds, Upstreams } from '../upstreams';
import { GrantsOf, PortalViews, targetOf } from '../views';
import { clientOf } from './callOf';
import { InspectedResources, inspectResources } from './inspectResources';
import type { PortalRequest } from './PortalRequest';

/** Shorter than for calls: one slow server must not hold up the list. */
const LIST_TIMEOUT_MS = 10_000;

/** Of one server; all of its resources go into one answer. */
const BOUNDS: ListBounds = {
  maxItems: 10_000,
  maxBytes: 8 * 1024 * 1024,
  maxPages: 50,
};

/** Under which a list names the servers that did not answer. */
const DEGRADED = 'prompt-corner.dev/degraded';

/** Under which it names those of which it has not all. */
const INCOMPLETE = 'prompt-corner.dev/incomplete';

/** Under which it says how many of a server's resources the guardrails hold back. */
const LEFT_OUT = 'prompt-corner.dev/left-out';

const NOTHING: InspectedResources = { shown: [], leftOut: 0, findings: [] };

/** Resources of the servers of a portal. They are content, and listed by the servers at each request. */
export class Resources {
  readonly #views: PortalViews;
  readonly #policy: PolicyEngine;
  readonly #grantsOf: GrantsOf;
  readonly #guards: PortalGuards;
  readonly #upstreams: Upstreams;
  readonly #logger: LoggerService;

  constructor(options: {
    views: PortalViews;
    policy: PolicyEngine;
    grantsOf: GrantsOf;
    guards: PortalGuards;
    upstreams: Upstreams;
    logger: LoggerService;
  }) {
    this.#views = options.views;
    this.#policy = options.policy;
    this.#grantsOf = options.grantsOf;
    this.#guards = options.guards;
    this.#upstreams = options.upstreams;
    this.#logger = options.logger;
  }

  /**
   * All resources that the caller may read. A server that fails is named in
   * `_meta`, and the others are listed; so is one that has too many, and how many
   * are held back.
   */
  async list(
    request: PortalRequest,
    ctx: ServerContext,
  ): Promise<{ result: ListResourcesResult; findings: AuditFinding[] }> {
    const { caller, portal } = request;
    const { servers } = await this.#views.of(caller, portal);
    const mayRead = await this.#readableBy(request);
    const degraded: string[] = [];
    const incomplete: string[] = [];
    const lists = await Promise.all(
      servers.map(async server => {
        const inspected = await this.#listOf(server, request, ctx)
          .then(({ items, isComplete }) => {
            if (!isComplete) {
              incomplete.push(server.name);
            }
            return inspectResources(
              this.#guards,
              items.filter(({ uri }) => mayRead(server, String(uri))),
              { portal: portal.name, server: server.name },
            );
          })
          .catch(error => {
            ctx.mcpReq.signal.throwIfAborted();
            this.#logger.debug(`No resources of "${server.name}": ${error}`);
            degraded.push(server.name);
            return NOTHING;
          });
        return { server, ...inspected };
      }),
    );
    const leftOut = lists
      .filter(list => list.leftOut)
      .map(list => [list.server.name, list.leftOut] as const);
    const meta = {
      ...(degraded.length && { [DEGRADED]: degraded }),
      ...(incomplete.length && { [INCOMPLETE]: incomplete }),
      ...(leftOut.length && { [LEFT_OUT]: Object.fromEntries(leftOut) }),
    };
    return {
      result: {
        resources: lists.flatMap(({ server, shown }) =>
          shown.map(resource => ({
            ...resource,
            uri: portal.naming.resourceUri(server.name, String(resource.uri)),
          })),
        ) as never[],
        ...(Object.keys(meta).length && { _meta: meta }),
      },
      findings: lists.flatMap(({ findings }) => findings),
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
  ): Promise<{
    items: Array<Record<string, unknown>>;
    isComplete: boolean;
  }> {
    const asked = {
      server,
      caller: request.caller,
      client: clientOf(request, ctx),
      signal: ctx.mcpReq.signal,
      timeoutMs: LIST_TIMEOUT_MS,
    };
    const handshake = await this.#upstreams.handshake(asked);
    if (!capabilitiesOf(handshake).resources) {
      return { items: [], isComplete: true };
    }
    const { items, isComplete } = await listAll(
      params =>
        this.#upstreams.request({
          ...asked,
          method: 'resources/list',
          params,
          repeatable: true,
        }),
      'resources',
      BOUNDS,
    );
    return { items: items.filter(isRecord), isComplete };
  }
}
