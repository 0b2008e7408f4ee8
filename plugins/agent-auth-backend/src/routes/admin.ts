import type {
  BackstageCredentials,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import type { BasicPermission } from '@backstage/plugin-permission-common';
import {
  agentAuthClientsManagePermission,
  agentAuthConnectionsReadPermission,
  agentAuthConnectionsRevokePermission,
  agentAuthPrincipalsResolvePermission,
  type ConnectionQuery,
} from '@prompt-corner/plugin-agent-auth-common';
import type { AdminPermissions } from '@prompt-corner/plugin-agent-auth-node';
import express, { Request } from 'express';
import Router from 'express-promise-router';
import type { AuditTrail } from '../auditTrail/AuditTrail';
import type { ClientRegistry } from '../clients/ClientRegistry';
import type { ConnectionConditions, Connections } from '../connections';
import type { PrincipalResolution, Principals } from '../principals';
import { approverOf } from './approverOf';
import {
  clientSchema,
  connectionListSchema,
  resolutionSchema,
  revocationSchema,
} from './bodies';
import { toConnection } from './connections';
import { parsed } from './parsed';

const DAY_MS = 24 * 60 * 60_000;
const REASON = 'revoked by an administrator';

/** What administrators may do, each by its own permission. */
export function createAdminRouter(options: {
  connections: Connections;
  clients: ClientRegistry;
  principals: Principals;
  resolution: PrincipalResolution;
  httpAuth: HttpAuthService;
  admins: AdminPermissions;
  audit: AuditTrail;
}): express.Router {
  const { connections, clients, principals, httpAuth, admins, audit } = options;

  /** @throws NotAllowedError without the permission */
  async function authorize(
    request: Request,
    permission: BasicPermission,
  ): Promise<BackstageCredentials> {
    const { credentials } = await approverOf(httpAuth, request);
    await admins.assertGiven(permission, credentials);
    return credentials;
  }

  async function conditionsOf(
    query: ConnectionQuery,
  ): Promise<ConnectionConditions> {
    const { clientId, olderThanDays, unusedOnly } = query;
    const before =
      olderThanDays === undefined
        ? undefined
        : new Date(Date.now() - olderThanDays * DAY_MS);
    if (unusedOnly && !before) {
      throw new InputError(
        'Say with olderThanDays for how long a connection has to be unused',
      );
    }
    return {
      principal: query.principal && (await uuidOf(query.principal)),
      clientId,
      ...(unusedOnly ? { unusedSince: before } : { createdBefore: before }),
    };
  }

  /** Whoever asks by name learns the UUID that belongs to it. */
  async function authorizeNames(request: Request, query: ConnectionQuery) {
    if (query.principal?.includes(':')) {
      await authorize(request, agentAuthPrincipalsResolvePermission);
      await audit.record('principal-resolve', { ...query }, request);
    }
  }

  async function uuidOf(principal: string): Promise<string> {
    if (!principal.includes(':')) {
      return principal;
    }
    // Nobody's UUID, so that nothing is found, rather than everything.
    return (await principals.findByRef(principal))?.uuid ?? 'unknown';
  }

  const router = Router();
  router.use(express.json());

  router.get('/connections', async (request, response) => {
    await authorize(request, agentAuthConnectionsReadPermission);
    const { limit, cursor, ...query } = parsed(
      connectionListSchema,
      request.query,
    );
    await authorizeNames(request, query);
    const conditions = await conditionsOf(query);
    const [items, totalItems] = await Promise.all([
      connections.store.listActive(conditions, {
        limit,
        after: cursor ? readCursor(cursor) : undefined,
      }),
      connections.store.countActive(conditions),
    ]);
    await audit.record('connections-read', { ...query }, request);
    const last = items.at(-1);
    response.json({
      items: items.map(toConnection),
      totalItems,
      nextCursor:
        last && items.length === limit
          ? `${Date.parse(last.createdAt)}.${last.id}`
          : undefined,
    });
  });

  router.post('/connections/revoke', async (request, response) => {
    await authorize(request, agentAuthConnectionsRevokePermission);
    const { ids, ...query } = parsed(revocationSchema, request.body);
    await authorizeNames(request, query);
    const conditions = { ...(await conditionsOf(query)), ids };
    const revoked = await audit.around(
      {
        eventId: 'connection-revoke',
        meta: { ...query, ...(ids ? { ids } : {}), reason: REASON },
        request,
      },
      async () => {
        const ended = await connections.revoke(conditions, REASON);
        return { result: ended, meta: { revoked: ended.length } };
      },
    );
    response.json({ revoked: revoked.length });
  });

  router.post('/principals/resolve', async (request, response) => {
    const credentials = await authorize(
      request,
      agentAuthPrincipalsResolvePermission,
    );
    const { uuids } = parsed(resolutionSchema, request.body);
    response.json({
      items: await options.resolution.resolve({ uuids, credentials, request }),
    });
  });

  router.get('/clients', async (request, response) => {
    await authorize(request, agentAuthClientsManagePermission);
    response.json({ items: await clients.list() });
  });

  router.post('/clients', async (request, response) => {
    const credentials = await authorize(
      request,
      agentAuthClientsManagePermission,
    );
    const body = parsed(clientSchema, request.body);
    const created = await audit.around(
      { eventId: 'client-register', meta: { client: body.id }, request },
      async () => ({
        result: await clients.create(
          body,
          await principals.uuidOf({
            kind: 'user',
            entityRef: (credentials.principal as { userEntityRef: string })
              .userEntityRef,
          }),
        ),
      }),
    );
    response.status(201).set('cache-control', 'no-store').json(created);
  });

  router.delete('/clients/:id', async (request, response) => {
    await authorize(request, agentAuthClientsManagePermission);
    const { id } = request.params;
    await audit.around(
      { eventId: 'client-remove', meta: { client: id }, request },
      async () => {
        await clients.delete(id);
        const ended = await connections.revoke(
          { clientId: id },
          'the client was removed',
        );
        return { result: undefined, meta: { revoked: ended.length } };
      },
    );
    response.status(204).end();
  });
  return router;
}

function readCursor(cursor: string): { createdAt: Date; id: string } {
  const [time, id] = cursor.split('.');
  const createdAt = new Date(Number(time));
  if (!id || Number.isNaN(createdAt.getTime())) {
    throw new InputError('The cursor is not one of this list');
  }
  return { createdAt, id };
}
