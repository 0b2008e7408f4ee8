import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type { Connection } from '@prompt-corner/plugin-agent-auth-common';
import express from 'express';
import Router from 'express-promise-router';
import type { AuditTrail } from '../auditTrail/AuditTrail';
import type { Connections, StoredConnection } from '../connections';
import type { Principals } from '../principals';
import { approverOf } from './approverOf';

const REASON = 'revoked by the user';

/** A user's own connections. */
export function createConnectionsRouter(options: {
  connections: Connections;
  principals: Principals;
  httpAuth: HttpAuthService;
  audit: AuditTrail;
}): express.Router {
  const { connections, principals, httpAuth, audit } = options;

  async function uuidOf(request: express.Request): Promise<string> {
    const { credentials } = await approverOf(httpAuth, request);
    return principals.uuidOf({
      kind: 'user',
      entityRef: credentials.principal.userEntityRef,
    });
  }

  const router = Router();
  router.get('/', async (request, response) => {
    const principal = await uuidOf(request);
    const items = await connections.store.listActive({ principal });
    response.json({ items: items.map(toConnection) });
  });

  router.delete('/:id', async (request, response) => {
    const principal = await uuidOf(request);
    const { id } = request.params;
    await audit.around(
      {
        eventId: 'connection-revoke',
        meta: { principal, connection: id, reason: REASON },
        request,
      },
      async () => {
        await connections.revokeOwn(principal, id, REASON);
        return { result: undefined };
      },
    );
    response.status(204).end();
  });

  router.delete('/', async (request, response) => {
    const principal = await uuidOf(request);
    const revoked = await audit.around(
      {
        eventId: 'connection-revoke',
        meta: { principal, reason: REASON },
        request,
      },
      async () => {
        const ended = await connections.revoke({ principal }, REASON);
        return { result: ended, meta: { revoked: ended.length } };
      },
    );
    response.json({ revoked: revoked.length });
  });
  return router;
}

/** Without what is no page's business. */
export function toConnection({
  claims: _claims,
  ...connection
}: StoredConnection): Connection {
  return connection;
}
