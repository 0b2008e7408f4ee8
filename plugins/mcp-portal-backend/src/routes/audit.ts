import type {
  AuditorService,
  LoggerService,
} from '@backstage/backend-plugin-api';
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
import type { PageUsers, UserCredentials } from './PageUsers';
import { parsed } from './parsed';
import { reportRead } from './reportRead';
import { sendLines } from './sendLines';

/**
 * The audit trail for the pages: each user's own records, and everybody's for whom the
 * permission `mcp-portal.admin.audit.read` allows it, services included. Reading other people's
 * records is in the Backstage audit log.
 */
export function createAuditRouter(options: {
  trail: AuditTrail;
  queries: AuditQueries;
  auditExport: AuditExport;
  verifier: AuditVerifier;
  auditor: AuditorService;
  logger: LoggerService;
  users: PageUsers;
  principalOf(credentials: UserCredentials): Promise<{ uuid: string }>;
}): express.Router {
  const { trail, queries, auditExport, verifier, users, logger } = options;

  /** UUID of a user, or subject of a service, who may see everything. @throws NotAllowedError for others */
  async function authorize(request: Request): Promise<string> {
    const credentials = await users.orServiceOf(request);
    await users.assertTrustedWith(credentials, mcpPortalAuditReadPermission);
    return credentials.principal.type === 'service'
      ? credentials.principal.subject
      : (await options.principalOf(credentials as UserCredentials)).uuid;
  }

  const report = (eventId: string, principal: string, what: JsonObject) =>
    reportRead(options.auditor, eventId, principal, what);

  const router = Router();

  router.get('/audit/records', async (request, response) => {
    const credentials = await users.of(request);
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
