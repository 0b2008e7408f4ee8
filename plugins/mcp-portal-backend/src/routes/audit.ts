import type {
  AuditorService,
  BackstageCredentials,
  BackstageUserPrincipal,
  HttpAuthService,
  LoggerService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { JsonObject } from '@backstage/types';
import { mcpPortalAuditReadPermission } from '@prompt-corner/plugin-mcp-portal-common';
import express, { Request } from 'express';
import Router from 'express-promise-router';
import type {
  AuditExport,
  AuditQueries,
  AuditTrail,
  AuditVerifier,
} from '../audit';
import {
  conditionsOf,
  exportSchema,
  listSchema,
  usageSchema,
  verificationSchema,
} from './auditQuestions';
import { parsed } from './parsed';
import { sendLines } from './sendLines';

/**
 * The audit trail for the pages: each user's own records, and everybody's for whom the
 * permission `mcp-portal.admin.audit.read` allows it. Reading other people's records is
 * in the Backstage audit log.
 */
export function createAuditRouter(options: {
  trail: AuditTrail;
  queries: AuditQueries;
  auditExport: AuditExport;
  verifier: AuditVerifier;
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  logger: LoggerService;
  permissions: PermissionsService;
  /** Whether permissions are decided by a policy at all. */
  permissionsEnabled: boolean;
  principalOf(
    credentials: BackstageCredentials<BackstageUserPrincipal>,
  ): Promise<{ uuid: string }>;
}): express.Router {
  const { trail, queries, auditExport, verifier, httpAuth, logger } = options;

  /** UUID of a user who may see everything. @throws NotAllowedError for others */
  async function authorize(request: Request): Promise<string> {
    const credentials = await httpAuth.credentials(request, {
      allow: ['user'],
    });
    if (!options.permissionsEnabled) {
      // Backstage allows everything then, to everybody.
      throw new NotAllowedError(
        'The audit trail of others needs permission.enabled and a policy',
      );
    }
    const permission = mcpPortalAuditReadPermission;
    const [decision] = await options.permissions.authorize([{ permission }], {
      credentials,
    });
    if (decision.result !== AuthorizeResult.ALLOW) {
      throw new NotAllowedError(`This needs the permission ${permission.name}`);
    }
    return (await options.principalOf(credentials)).uuid;
  }

  /** Says in the Backstage audit log who read what. The request would tell it the user's name. */
  async function report(eventId: string, principal: string, what: JsonObject) {
    const event = await options.auditor.createEvent({
      eventId,
      severityLevel: 'medium',
      meta: { principal, ...what },
    });
    await event.success();
  }

  const router = Router();

  router.get('/audit/records', async (request, response) => {
    const credentials = await httpAuth.credentials(request, {
      allow: ['user'],
    });
    const { uuid } = await options.principalOf(credentials);
    const question = parsed(listSchema, request.query);
    const page = await queries.find(
      { ...conditionsOf(question), caller: uuid },
      question,
    );
    response.json(page);
  });

  router.get('/admin/audit/records', async (request, response) => {
    const principal = await authorize(request);
    const question = parsed(listSchema, request.query);
    await report('audit-read', principal, question);
    response.json(await queries.find(conditionsOf(question), question));
  });

  router.get('/admin/audit/usage', async (request, response) => {
    const principal = await authorize(request);
    const question = parsed(usageSchema, request.query);
    await report('audit-read', principal, question);
    response.json(await queries.usage(question));
  });

  router.get('/admin/audit/status', async (request, response) => {
    await authorize(request);
    response.json(trail.status());
  });

  router.get('/admin/audit/export', async (request, response) => {
    const principal = await authorize(request);
    const range = parsed(exportSchema, request.query);
    await report('audit-export', principal, range);
    await sendLines(response, auditExport.pages(range), {
      logger,
      filename: `audit-${range.from}-${range.to}.jsonl`,
    });
  });

  router.post(
    '/admin/audit/verify',
    express.json({ limit: '1mb' }),
    async (request, response) => {
      const principal = await authorize(request);
      const range = parsed(verificationSchema, request.body ?? {});
      const { from, to } = range;
      await report('audit-verify', principal, { from, to });
      await sendLines(response, inPages(verifier.verify(range)), { logger });
    },
  );
  return router;
}

async function* inPages<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  for await (const item of items) {
    yield [item];
  }
}
