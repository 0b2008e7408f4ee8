import type { RegisteredServer } from '@prompt-corner/plugin-mcp-portal-common';
import { mcpPortalServersProposePermission } from '@prompt-corner/plugin-mcp-portal-common';
import express, { Request } from 'express';
import Router from 'express-promise-router';
import {
  DefinitionCounts,
  DefinitionStore,
  showInvisible,
  SnapshotChanges,
} from '../definitions';
import {
  assertSecondPerson,
  CatalogWatch,
  RegistryUser,
  ServerLifecycle,
  ServerRecord,
  Synchronisation,
  toRegisteredServer,
} from '../registry';
import { noStore } from './noStore';
import { parsed } from './parsed';
import { RegistryAccess, RegistryAccessOptions } from './RegistryAccess';
import {
  reasonSchema,
  resumeSchema,
  serverApprovalSchema,
} from './registryBodies';

/** A server in the list of servers. */
export interface ListedServer extends RegisteredServer {
  /** Whether the catalog has its entity now. */
  present: boolean;
  /** Why its entity cannot be used. */
  problem?: string;
  definitions: DefinitionCounts;
}

/** Ten thousand definitions with their pins have 2 MB. */
const MAX_BODY = '4mb';

/** Servers and what people do to them, below `/servers`. */
export function createServersRouter(
  options: RegistryAccessOptions & {
    definitions: DefinitionStore;
    lifecycle: ServerLifecycle;
    synchronisation: Synchronisation;
    watch: CatalogWatch;
  },
): express.Router {
  const { servers, definitions, lifecycle, synchronisation, watch } = options;

  async function listed(records: ServerRecord[]): Promise<ListedServer[]> {
    const counts = await definitions.counts(
      records.map(({ entityRef }) => entityRef),
    );
    return records.map(record => ({
      ...toRegisteredServer(record),
      present: record.absentSince === undefined,
      problem: record.catalog.problem,
      definitions: counts.get(record.entityRef)!,
    }));
  }

  async function answer(entityRef: string, changes?: SnapshotChanges) {
    const [server] = await listed([await servers.get(entityRef)]);
    return { server, changes };
  }

  const router = Router();
  router.use(express.json({ limit: MAX_BODY }));
  router.use(noStore);

  router.get('/', async (request, response) => {
    const access = await RegistryAccess.of(options, request);
    const visible = await access.visible(await servers.list());
    response.json({ items: await listed(visible) });
  });

  /** Looks at the catalog now, for who has just registered a server. */
  router.post('/refresh', async (request, response) => {
    const access = await RegistryAccess.of(options, request);
    await access.authorize(mcpPortalServersProposePermission);
    await watch.refresh();
    response.status(204).end();
  });

  router.get('/:name', async (request, response) => {
    const access = await RegistryAccess.of(options, request);
    const record = await access.server(request.params.name);
    const [server] = await listed([record]);
    response.json({
      ...server,
      owners: record.catalog.owners,
      suspensionCause: record.suspensionCause,
      inspectedRemotes: record.inspectedRemotes,
      approvedRemotes: record.approvedRemotes,
      about: record.about && {
        ...record.about,
        instructions:
          record.about.instructions && showInvisible(record.about.instructions),
      },
      decision: await decisionOf(access, record),
      history: await servers.history(record.entityRef),
    });
  });

  router.post('/:name/propose', async (request, response) => {
    const access = await RegistryAccess.of(options, request);
    await access.authorize(mcpPortalServersProposePermission);
    const { reason } = parsed(reasonSchema, request.body);
    const { entityRef } = await access.server(request.params.name);
    await lifecycle.propose(entityRef, await access.user(), reason);
    response.json(await answer(entityRef));
  });

  /** What approvers do: permission, body, server, act, answer. */
  function decide(
    action: string,
    act: (
      entityRef: string,
      user: RegistryUser,
      body: unknown,
    ) => Promise<SnapshotChanges | void>,
  ): void {
    router.post(
      `/:name/${action}`,
      async (request: Request<{ name: string }>, response) => {
        const access = await RegistryAccess.of(options, request);
        const user = await access.authorizeApprover();
        const { entityRef } = await access.server(request.params.name);
        const changes = await act(entityRef, user, request.body);
        response.json(await answer(entityRef, changes ?? undefined));
      },
    );
  }

  decide('inspect', async (entityRef, user) =>
    synchronisation.inspectServer(entityRef, user),
  );
  decide('sync', async (entityRef, user) =>
    synchronisation.syncNow(entityRef, user),
  );
  decide('approve', async (entityRef, user, body) => {
    await lifecycle.approve(
      entityRef,
      user,
      parsed(serverApprovalSchema, body),
    );
  });
  decide('resume', async (entityRef, user, body) => {
    await lifecycle.resume(entityRef, user, parsed(resumeSchema, body));
  });
  for (const action of ['reject', 'suspend', 'retire'] as const) {
    decide(action, async (entityRef, user, body) => {
      const { reason } = parsed(reasonSchema, body);
      await lifecycle[action](entityRef, user, reason);
    });
  }
  return router;
}

/** Whether the user may decide on a server, so that a page need not offer what would be refused. */
async function decisionOf(
  access: RegistryAccess,
  server: ServerRecord,
): Promise<{ allowed: boolean; reason?: string }> {
  if (!(await access.isApprover())) {
    return { allowed: false, reason: 'You are not an approver' };
  }
  try {
    assertSecondPerson(server, await access.user());
    return { allowed: true };
  } catch (error) {
    return { allowed: false, reason: (error as Error).message };
  }
}
