import { randomUUID } from 'node:crypto';
import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import type { TestDatabases } from '@backstage/backend-test-utils';
import { someAgent } from '@prompt-corner/backend-testing';
import { startOriginalPortal } from './startOriginalPortal';
import type { TestPortal } from './startPortal';

/** Backends that are one portal for clients, as they share a database. */
export interface Replicas {
  portals: TestPortal[];
  /** A token that every replica takes. */
  tokenOf(): string;
  stop(): Promise<void>;
}

/** Starts two replicas with a portal for each server, on one PostgreSQL database. */
export async function startReplicas(
  databases: TestDatabases,
  servers: Record<string, string>,
): Promise<Replicas> {
  const shared = new Map([
    ['mcp-portal', await databases.init('POSTGRES_15')],
    // One whose own catalog is still empty would suspend all servers.
    ['catalog', await databases.init('POSTGRES_15')],
  ]);
  const database = createServiceFactory({
    service: coreServices.database,
    deps: { plugin: coreServices.pluginMetadata },
    factory: ({ plugin }) => ({
      getClient: async () =>
        shared.get(plugin.getId()) ?? databases.init('SQLITE_3'),
    }),
  });
  const portals: TestPortal[] = [];
  for (let number = 0; number < 2; number++) {
    portals.push(await startOriginalPortal(servers, { features: [database] }));
  }
  return {
    portals,
    tokenOf() {
      const token = randomUUID();
      const agent = someAgent({
        scopes: new Set(['tools:read', 'tools:write']),
        connectionId: randomUUID(),
      });
      portals.forEach(({ agentAuth }) => agentAuth.giveToken(token, agent));
      return token;
    },
    async stop() {
      await Promise.all(portals.map(portal => portal.stop()));
    },
  };
}
