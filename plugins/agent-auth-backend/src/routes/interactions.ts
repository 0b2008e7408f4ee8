import type { HttpAuthService } from '@backstage/backend-plugin-api';
import { ConflictError, isError, NotAllowedError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import express, { Request, Response } from 'express';
import Router from 'express-promise-router';
import type { AuditTrail } from '../auditTrail/AuditTrail';
import type { AuthorizationServer } from '../authorizationServer/AuthorizationServer';
import { toAuthorizationRequest } from '../consent/AuthorizationRequest';
import type { Consent } from '../consent/Consent';
import { approvalSchema } from './bodies';
import { approverOf } from './approverOf';
import { parsed } from './parsed';

/**
 * What the consent page asks for one authorization request.
 *
 * Two things have to come together: the cookie of the browser in which the
 * request started, which the path of these routes is for, and the token of the
 * signed-in user. The cookie alone would let another site approve (CSRF), the
 * token alone would let somebody else's request be approved (session fixation).
 */
export function createInteractionsRouter(options: {
  server: AuthorizationServer;
  consent: Consent;
  httpAuth: HttpAuthService;
  audit: AuditTrail;
  appUrl: string;
}): express.Router {
  const { server, consent, httpAuth, audit, appUrl } = options;

  /** @throws NotAllowedError in another browser, and when the request has expired */
  async function find(request: Request, response: Response) {
    const interaction = await server.provider
      .interactionDetails(request, response)
      .catch(error => {
        if (isError(error) && error.name === 'SessionNotFound') {
          return undefined;
        }
        throw error;
      });
    if (!interaction || interaction.uid !== request.params.uid) {
      throw new NotAllowedError(
        'This request started in another browser, or has expired. Start again in the program that brought you here',
      );
    }
    if (interaction.result) {
      throw new ConflictError(
        'This request has been answered. Start again in the program that brought you here',
      );
    }
    return {
      interaction,
      asked: toAuthorizationRequest(interaction.params, {
        id: `interaction:${interaction.uid}`,
        expiresAt: new Date(interaction.exp * 1000),
      }),
    };
  }

  const router = Router();
  router.get('/:uid', (request, response) => {
    const page = new URL(
      `agent-auth/consent/${encodeURIComponent(request.params.uid)}`,
      `${appUrl}/`,
    );
    response.redirect(303, page.href);
  });

  router.get('/:uid/consent', async (request, response) => {
    const approver = await approverOf(httpAuth, request);
    const { asked } = await find(request, response);
    response
      .set('cache-control', 'no-store')
      .json(await consent.describe(asked, approver));
  });

  router.post('/:uid/approve', express.json(), async (request, response) => {
    const approver = await approverOf(httpAuth, request);
    const { asked } = await find(request, response);
    const approval = parsed(approvalSchema, request.body);
    const redirectUrl = await audit.around(
      {
        eventId: 'consent-approve',
        meta: { client: asked.clientId, flow: 'authorization_code' },
        request,
      },
      async () => {
        let meta: JsonObject = {};
        const result = await consent.approve(asked, approval, approver, {
          grantType: 'authorization_code',
          answer: ({ connection, claims }) => {
            meta = {
              connection: connection.id,
              principal: connection.principal,
              resources: connection.resources.map(({ audience }) => audience),
            };
            return server.provider.interactionResult(request, response, {
              login: {
                accountId: connection.principal,
                remember: false,
                ts: claims.authTime,
                amr: claims.amr,
                acr: claims.acr,
              },
              consent: { grantId: connection.id },
              // The page shows the account, and how to take another.
              select_account: {},
            });
          },
        });
        return { result, meta };
      },
    );
    response.json({ redirectUrl });
  });

  router.post('/:uid/deny', express.json(), async (request, response) => {
    const { credentials } = await approverOf(httpAuth, request);
    const { asked } = await find(request, response);
    const redirectUrl = await consent.deny(asked, () =>
      server.provider.interactionResult(request, response, {
        error: 'access_denied',
        error_description: 'the user refused',
      }),
    );
    await audit.record(
      'consent-deny',
      {
        client: asked.clientId,
        flow: 'authorization_code',
        principal: await consent.uuidOf(credentials),
      },
      request,
    );
    response.json({ redirectUrl });
  });
  return router;
}
