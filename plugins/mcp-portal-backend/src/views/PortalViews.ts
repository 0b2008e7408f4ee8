import type {
  AccessGrant,
  ToolClass,
} from '@prompt-corner/plugin-mcp-portal-common';
import { LRUCache } from 'lru-cache';
import { isApi } from '../apis';
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
import { callerDigest } from './callerDigest';
import { requiredScope } from './scopes';
import type { PortalView, ViewedDefinition, ViewedTool } from './PortalView';
import type { ServerChoices } from './ServerChoices';

/** Conditions on time may change what is seen. */
const REMEMBERED_MS = 30_000;

/** Definitions in all views that are remembered, each of some 200 bytes. */
const REMEMBERED_DEFINITIONS = 1_000_000;

/** Of what no server has offered. */
const NO_PIN = '';

const ALL_SCOPES: ReadonlySet<string> = new Set(
  (['read', 'write', 'destructive'] as const).map(requiredScope),
);

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
    sizeCalculation: ({ tools, operations, prompts, templates }) =>
      100 + tools.size + operations.size + prompts.size + templates.length,
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
   * @throws ServiceUnavailableError when nobody knows what is approved, or what the caller was granted
   */
  async of(caller: Caller, portal: Portal): Promise<PortalView> {
    const { version } = this.#registry.current();
    const [off, grants] = await Promise.all([
      this.#choices.switchedOff(caller, portal.name),
      this.#grantsOf(caller.uuid),
    ]);
    const key = JSON.stringify([
      version,
      this.#policy.status().version,
      portal.name,
      callerDigest(caller),
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
    const tool = view.tools.get(name) ?? view.operations.get(name);
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
    const isOn = ({ server }: ViewedDefinition) => !off.has(server.name);
    const permitted = <T extends ViewedDefinition>(
      action: PolicyAction,
      definitions: Iterable<T>,
    ): T[] =>
      this.#listing
        .visible({
          caller,
          portal: portal.name,
          action,
          targets: [...definitions]
            .filter(({ server }) => isOpen(server, caller, portal))
            .map(definition => ({
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
    const open = [...this.#registry.current().servers.values()]
      .filter(server => isOpen(server, caller, portal))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const tools = permitted('call_tool', offered.tools.values());
    const operations = permitted('call_tool', offered.operations.values());
    const prompts = permitted('get_prompt', offered.prompts.values());
    const templates = permitted('read_resource', [
      ...offered.templates,
      // Servers may have resources without any template.
      ...open.filter(server => !isApi(server)).map(anyResource),
    ]);
    const known = new Set(
      [...tools, ...operations, ...prompts, ...templates].map(
        ({ server }) => server.name,
      ),
    );
    return {
      version,
      servers: open.filter(({ name }) => !off.has(name)),
      known: open.filter(({ name }) => known.has(name)),
      tools: byName(tools.filter(isOn)),
      operations: byName(operations.filter(isOn)),
      prompts: byName(prompts.filter(isOn)),
      templates: templates.filter(({ pin }) => pin !== NO_PIN).filter(isOn),
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
          all
            .filter(server => !isApi(server))
            .flatMap(server => toolsOf(server, portal))
            .map(named),
          naming,
        ),
      ),
      operations: byName(
        all
          .filter(isApi)
          .flatMap(server => toolsOf(server, portal))
          .map(operation => ({
            ...operation,
            exposed: operationName(operation.server.name, operation.key),
          })),
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
  operations: ReadonlyMap<string, ViewedTool>;
  prompts: ReadonlyMap<string, ViewedDefinition>;
  templates: ViewedDefinition[];
}

/** The name of an operation of an API, the same in every portal. */
export function operationName(server: string, key: string): string {
  return `${server} ${key}`;
}

function byName<T extends ViewedDefinition>(
  definitions: T[],
): ReadonlyMap<string, T> {
  return new Map(
    definitions.map(definition => [definition.exposed, definition]),
  );
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

/** Stands for the resources of a server, of which nobody knows the URIs before they are asked for. */
function anyResource(server: ServedServer): ViewedDefinition {
  return {
    kind: 'resource-template',
    key: '',
    exposed: '',
    pin: NO_PIN,
    definition: {},
    server,
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
