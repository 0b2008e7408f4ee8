import type { HttpAuthService } from '@backstage/backend-plugin-api';
import express from 'express';
import Router from 'express-promise-router';
import type { AuditTrail } from '../auditTrail/AuditTrail';
import type { DeviceCodes } from '../deviceCodes/DeviceCodes';
import { approverOf } from './approverOf';
import { deviceApprovalSchema, userCodeSchema } from './bodies';
import { parsed } from './parsed';

/** What the device page asks. */
export function createDeviceCodesRouter(options: {
  deviceCodes: DeviceCodes;
  httpAuth: HttpAuthService;
  audit: AuditTrail;
}): express.Router {
  const { deviceCodes, httpAuth, audit } = options;
  const router = Router();
  router.use(express.json());

  router.post('/lookup', async (request, response) => {
    const approver = await approverOf(httpAuth, request);
    const { userCode } = parsed(userCodeSchema, request.body);
    const described = await deviceCodes
      .describe(userCode, approver)
      .catch(async error => {
        await audit.refusal('device-code-refuse', {}, error, request);
        throw error;
      });
    response.set('cache-control', 'no-store').json(described);
  });

  router.post('/approve', async (request, response) => {
    const approver = await approverOf(httpAuth, request);
    const { userCode, ...approval } = parsed(
      deviceApprovalSchema,
      request.body,
    );
    await audit.around(
      { eventId: 'consent-approve', meta: { flow: 'device_code' }, request },
      async () => {
        const { connection } = await deviceCodes.approve(
          userCode,
          approval,
          approver,
        );
        return {
          result: undefined,
          meta: {
            client: connection.client.id,
            connection: connection.id,
            principal: connection.principal,
            resources: connection.resources.map(({ audience }) => audience),
          },
        };
      },
    );
    response.status(204).end();
  });

  router.post('/deny', async (request, response) => {
    const approver = await approverOf(httpAuth, request);
    const { userCode } = parsed(userCodeSchema, request.body);
    const { client, principal } = await deviceCodes.deny(userCode, approver);
    await audit.record(
      'consent-deny',
      { client, principal, flow: 'device_code' },
      request,
    );
    response.status(204).end();
  });
  return router;
}
