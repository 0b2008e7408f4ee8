import { mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import type { DefinitionFinding } from '@prompt-corner/plugin-mcp-portal-common';
import type { Knex } from 'knex';
import { memoryTrail } from '../../audit/__testUtils__/memoryTrail';
import { migrate } from '../../database/migrate';
import { DefinitionStore, pinOf, ServerSnapshot } from '../../definitions';
import { readCatalogServer } from '../catalog';
import { CatalogWatch } from '../CatalogWatch';
import type { ConfiguredServer } from '../config';
import { RegistryVersion } from '../RegistryVersion';
import { ServerLifecycle } from '../ServerLifecycle';
import { ServerStore } from '../ServerStore';
import { SnapshotReader, Synchronisation } from '../synchronisation';
import { RegistryView } from '../view';

/** The server of most tests. */
export const GITLAB = 'api:default/gitlab-mcp';
export const GITLAB_URL = 'https://gitlab-mcp.example.com/mcp';

/** People of the tests, by what they are to the server `gitlab`. */
export const people = {
  proposer: person('proposer', 'group:default/readers'),
  approver: person('approver', 'group:default/platform'),
  owner: person('owner', 'group:default/gitlab-team'),
};

function person(name: string, ...teams: string[]) {
  return {
    uuid: `00000000-0000-4000-8000-${name.padStart(12, '0')}`,
    entityRef: `user:default/${name}`,
    teams,
  };
}

/** An entity of an MCP server, as the catalog has it. */
export function serverEntity(
  name: string,
  options: {
    url?: string;
    owner?: string;
    annotations?: Record<string, string>;
  } = {},
): Entity {
  const owner = options.owner ?? `group:default/${name.split('-')[0]}-team`;
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'API',
    metadata: {
      name,
      namespace: 'default',
      annotations: options.annotations ?? {},
    },
    spec: {
      type: 'mcp-server',
      lifecycle: 'production',
      owner,
      remotes: [
        {
          type: 'streamable-http',
          url: options.url ?? `https://${name}.example.com/mcp`,
        },
      ],
    },
    relations: [{ type: 'ownedBy', targetRef: owner }],
  };
}

/** A tool as a server sends it. */
export function tool(name: string, rest: object = {}) {
  return {
    name,
    description: `Does ${name}`,
    inputSchema: { type: 'object' },
    ...rest,
  };
}

/** A decision on a tool in the form that was looked at. */
export function choice(definition: { name: string }) {
  return {
    kind: 'tool' as const,
    key: definition.name,
    pin: pinOf(definition),
  };
}

/** An approval of a tool. */
export function approval(definition: { name: string }) {
  return { ...choice(definition), toolClass: 'read' as const };
}

/** What the catalog says and what servers offer: the world outside, shared by replicas. */
export class World {
  entities: Entity[] = [];
  /** By URL; a function is called instead, such as one that throws. */
  readonly offers = new Map<
    string,
    Partial<ServerSnapshot> | ((signal: AbortSignal) => unknown)
  >();
  /** URLs that were contacted. */
  readonly contacted: string[] = [];
  findings: (definition: Record<string, unknown>) => DefinitionFinding[] =
    () => [];

  readonly reader: SnapshotReader = {
    read: async ({ remotes: [{ url }] }, { signal }) => {
      this.contacted.push(url);
      const offer = this.offers.get(url);
      const parts = typeof offer === 'function' ? await offer(signal) : offer;
      if (!parts) {
        throw new Error(`Nobody answers at ${url}`);
      }
      return structuredClone({
        tools: [],
        prompts: [],
        resourceTemplates: [],
        ...parts,
      });
    },
  };
}

/** One replica: everything of the registry on one database, but nothing that runs by itself. */
export async function createRegistry(
  database: Knex,
  world: World,
  options: {
    configured?: ConfiguredServer[];
    now?: () => number;
    absenceGraceMs?: number;
    wallClock?: () => number;
  } = {},
) {
  await migrate(database);
  const { configured = [], now, absenceGraceMs = 0 } = options;
  const logger = mockServices.logger.mock();
  const servers = new ServerStore({ database });
  const definitions = new DefinitionStore({ database });
  const version = new RegistryVersion({ database });
  const view = new RegistryView({
    servers,
    definitions,
    version,
    logger,
    now,
  });
  const { trail, records, decisions } = memoryTrail();
  const parts = {
    database,
    servers,
    definitions,
    version,
    logger,
    configured,
    decisions,
  };
  const watch = new CatalogWatch({
    ...parts,
    catalog: {
      read: async () => world.entities.map(entity => readCatalogServer(entity)),
    },
    absenceGraceMs,
    now: options.wallClock,
  });
  const synchronisation = new Synchronisation({
    ...parts,
    reader: world.reader,
    screen: {
      inspect: (_kind, definition) => world.findings(definition),
    },
    intervalMs: 600_000,
    timeoutMs: 60_000,
  });
  await view.refresh();
  return {
    ...parts,
    records,
    trail,
    view,
    watch,
    synchronisation,
    lifecycle: new ServerLifecycle(parts),
    /** Lets time pass until everything is due again. */
    async passTime() {
      await database('servers').update({
        sync_started_at: null,
        next_sync_at: null,
      });
    },
    /** Names and classes of the tools that are served of a server. */
    served(name: string): string[] | undefined {
      const server = view.find(name);
      return server && [...server.tools.keys()];
    },
  };
}

/** A registry in which `gitlab` is approved with the tools that it offers. */
export async function approvedGitlab(
  database: Knex,
  world: World,
  tools: Array<{ name: string }> = [tool('list'), tool('create')],
) {
  world.entities = [serverEntity('gitlab-mcp')];
  world.offers.set(GITLAB_URL, { tools });
  const registry = await createRegistry(database, world);
  await registry.watch.refresh();
  await registry.lifecycle.propose(GITLAB, people.proposer);
  await registry.synchronisation.inspectServer(GITLAB, people.approver);
  await registry.lifecycle.approve(GITLAB, people.approver, {
    definitions: tools.map(approval),
  });
  await registry.passTime();
  return registry;
}
