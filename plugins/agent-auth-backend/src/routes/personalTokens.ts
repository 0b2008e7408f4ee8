import type { HttpAuthService } from '@backstage/backend-plugin-api';
import express from 'express';
import Router from 'express-promise-router';
import type { AuditTrail } from '../auditTrail/AuditTrail';
import type { PersonalTokens } from '../tokens';
import { approverOf } from './approverOf';
import { personalTokenSchema } from './bodies';
import { toConnection } from './connections';
import { parsed } from './parsed';

/** Tokens that a user makes by hand. */
export function createPersonalTokensRouter(options: {
  personalTokens: PersonalTokens;
  httpAuth: HttpAuthService;
  audit: AuditTrail;
}): express.Router {
  const { personalTokens, httpAuth, audit } = options;
  const router = Router();

  router.get('/options', async (request, response) => {
    await approverOf(httpAuth, request);
    response.json(personalTokens.options());
  });

  router.post('/', express.json(), async (request, response) => {
    const { credentials, userAgent } = await approverOf(httpAuth, request);
    const body = parsed(personalTokenSchema, request.body);
    const { token, connection } = await audit.around(
      {
        eventId: 'personal-token-create',
        meta: { resource: body.audience, scopes: body.scopes },
        request,
      },
      async () => {
        const result = await personalTokens.create(
          body,
          credentials,
          userAgent,
        );
        const { id, principal } = result.connection;
        return { result, meta: { connection: id, principal } };
      },
    );
    response
      .status(201)
      .set('cache-control', 'no-store')
      .json({ token, connection: toConnection(connection) });
  });
  return router;
}
