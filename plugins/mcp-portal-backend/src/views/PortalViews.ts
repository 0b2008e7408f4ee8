import { createHash } from 'node:crypto';
import type {
  AccessGrant,
  ToolClass,
} from '@prompt-corner/plugin-mcp-portal-common';
import { ServiceUnavailableError } from '@backstage/errors';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../callers/Caller';
import { promptNames, toolNames } from '../names';
import {
  ListingDecisions,
  PolicyAction,
  PolicyEngine,
  PolicyTarget,
} from '../policy';
import type { Portal } from '../portals';
import type { ServedDefinition } from '../definitions';
import type { RegistryView, ServedServer } from '../registry';
import { requiredScope } from './scopes';
import type { PortalView, ViewedDefinition, ViewedTool } from './PortalView';
import type { ServerChoices } from './ServerChoices';

/** Conditions on time may change what is seen. */
const REMEMBERED_MS = 30_000;

/** Definitions in all views that are remembered, each of some 200 bytes. */
const REMEMBERED_DEFINITIONS = 1_000_000;

const ALL_SCOPES: ReadonlySet<string> = new Set(
  (['read', 'write', 'destructive'] as const).map(requiredScope),
);

/** To find out what a caller has chosen and was granted. */
const READ_MS = 3_000;

/** Gives what approved requests for access allow a caller. */
export type GrantsOf = (uuid: string) => Promise<AccessGrant[]>;

/** What each caller sees in each portal. */
export class PortalViews {
  readonly #registry: RegistryView;
  readonly #policy: PolicyEngine;
  readonly #choices: ServerChoices;
  readonly #grantsOf: GrantsOf;
  readonly #listing: ListingDecisions;
  readonly #offers = new Map<string, Offered>();
  readonly #remembered = new LRUCache<string, PortalView>({
    maxSize: REMEMBERED_DEFINITIONS,
    sizeCalculation: ({ tools, prompts, templates }) =>
      100 + tools.size + prompts.size + templates.length,
    ttl: REMEMBERED_MS,
  });

  constructor(options: {
    registry: RegistryView;
    policy: PolicyEngine;
    choices: ServerChoices;
    grantsOf: GrantsOf;
  }) {
    this.#registry = options.registry;
    this.#policy = options.policy;
    this.#choices = options.choices;
    this.#grantsOf = options.grantsOf;
    this.#listing = new ListingDecisions({ engine: options.policy });
  }

  /**
   * @throws ServiceUnavailableError when nobody knows what is approved
   */
  async of(caller: Caller, portal: Portal): Promise<PortalView> {
    const { version } = this.#registry.current();
    const [off, grants] = await inTime(
      Promise.all([
        this.#choices.switchedOff(caller, portal.name),
        this.#grantsOf(caller.uuid),
      ]),
    );
    const key = digestOf([
      version,
      this.#policy.status().version,
      portal.name,
      caller.kind,
      caller.uuid,
      caller.teams,
      caller.client,
      [...caller.scopes].sort(),
      caller.servers,
      caller.claims,
      caller.network,
      [...off].sort(),
      grants,
    ]);
    const remembered = this.#remembered.get(key);
    if (remembered) {
      return remembered;
    }
    const view = this.#make(key, caller, portal, off, grants);
    this.#remembered.set(key, view);
    return view;
  }

  /** The servers of a portal that the caller's token allows, whether switched off or not. */
  serversOf(caller: Caller, portal: Portal): ServedServer[] {
    return [...this.#registry.current().servers.values()].filter(server =>
      isOpen(server, caller, portal),
    );
  }

  /**
   * The tool that a caller would see with more scopes; undefined when there is
   * none, or when it is seen without. For what tells a caller how to get there.
   */
  async beyondScopes(
    caller: Caller,
    portal: Portal,
    name: string,
  ): Promise<ViewedTool | undefined> {
    if ([...ALL_SCOPES].every(scope => caller.scopes.has(scope))) {
      return undefined;
    }
    const view = await this.of({ ...caller, scopes: ALL_SCOPES }, portal);
    const tool = view.tools.get(name);
    return tool && !caller.scopes.has(requiredScope(tool.toolClass))
      ? tool
      : undefined;
  }

  #make(
    version: string,
    caller: Caller,
    portal: Portal,
    off: ReadonlySet<string>,
    grants: AccessGrant[],
  ): PortalView {
    const offered = this.#offered(portal);
    const isShown = ({ server }: ViewedDefinition) =>
      isOpen(server, caller, portal) && !off.has(server.name);
    const permitted = <T extends ViewedDefinition>(
      action: PolicyAction,
      definitions: Iterable<T>,
    ): T[] =>
      this.#listing
        .visible({
          caller,
          portal: portal.name,
          action,
          targets: [...definitions].filter(isShown).map(definition => ({
            ...targetOf(
              portal.name,
              definition.server,
              definition.key,
              definition.toolClass,
              grants,
            ),
            definition,
          })),
        })
        .map(({ definition }) => definition)
        .filter(({ toolClass = 'read' }) =>
          caller.scopes.has(requiredScope(toolClass)),
        );
    return {
      version,
      servers: this.serversOf(caller, portal)
        .filter(({ name }) => !off.has(name))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
      tools: byName(permitted('call_tool', offered.tools.values())),
      prompts: byName(permitted('get_prompt', offered.prompts.values())),
      templates: permitted('read_resource', offered.templates),
    };
  }

  /** All that a portal has, by the names that it has there. The same for everybody. */
  #offered(portal: Portal): Offered {
    const { version, servers } = this.#registry.current();
    const remembered = this.#offers.get(portal.name);
    if (remembered?.version === version) {
      return remembered;
    }
    const all = [...servers.values()]
      .filter(({ name }) => !portal.servers || portal.servers.has(name))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const { naming } = portal;
    const offered: Offered = {
      version,
      tools: exposed(
        toolNames(
          all.flatMap(server => toolsOf(server, portal)).map(named),
          naming,
        ),
      ),
      prompts: exposed(
        promptNames(
          all.flatMap(server => viewed(server, server.prompts)).map(named),
          naming,
        ),
      ),
      templates: all
        .flatMap(server => viewed(server, server.resourceTemplates))
        .map(template => ({
          ...template,
          exposed: naming.resourceUri(template.server.name, template.key),
        })),
    };
    this.#offers.set(portal.name, offered);
    return offered;
  }
}

/** What a portal has, at one version of the registry. */
interface Offered {
  version: number;
  tools: ReadonlyMap<string, ViewedTool>;
  prompts: ReadonlyMap<string, ViewedDefinition>;
  templates: ViewedDefinition[];
}

function byName<T extends ViewedDefinition>(
  definitions: T[],
): ReadonlyMap<string, T> {
  return new Map(
    definitions.map(definition => [definition.exposed, definition]),
  );
}

/** A database that is gone can keep a query waiting for a minute. */
async function inTime<T>(reading: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new ServiceUnavailableError(
            'The database does not answer, so nobody knows what the caller may see',
          ),
        ),
      READ_MS,
    );
  });
  try {
    return await Promise.race([reading, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What policy is asked about. */
export function targetOf(
  portal: string,
  server: ServedServer,
  name: string,
  toolClass: ToolClass | undefined,
  grants: AccessGrant[],
): PolicyTarget {
  return {
    server,
    name,
    toolClass,
    granted: grants
      .filter(
        grant =>
          grant.server === server.name &&
          (grant.portal === undefined || grant.portal === portal) &&
          (grant.tools === undefined || grant.tools.includes(name)),
      )
      .flatMap(grant => grant.toolClasses),
  };
}

function isOpen(server: ServedServer, caller: Caller, portal: Portal): boolean {
  return (
    (!portal.servers || portal.servers.has(server.name)) &&
    (!caller.servers || caller.servers.includes(server.name))
  );
}

function toolsOf(server: ServedServer, portal: Portal): ViewedTool[] {
  return viewed(server, server.tools)
    .map(tool => ({ ...tool, toolClass: tool.toolClass ?? 'destructive' }))
    .filter(({ toolClass }) => portal.classes.has(toolClass));
}

function viewed(
  server: ServedServer,
  definitions: ReadonlyMap<string, ServedDefinition>,
): ViewedDefinition[] {
  return [...definitions.values()].map(definition => ({
    ...definition,
    server,
    exposed: definition.key,
  }));
}

function named<T extends ViewedDefinition>(tool: T) {
  return { server: tool.server.name, name: tool.key, tool };
}

function exposed<T extends ViewedDefinition>(
  definitions: Map<string, { tool: T }>,
): ReadonlyMap<string, T> {
  return new Map(
    [...definitions].map(([name, { tool }]) => [
      name,
      { ...tool, exposed: name },
    ]),
  );
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
