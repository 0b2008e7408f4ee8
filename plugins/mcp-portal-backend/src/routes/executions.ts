import type { AuditorService } from '@backstage/backend-plugin-api';
import { NotFoundError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import type { CodeModeHealth } from '@prompt-corner/code-mode';
import {
  CodeExecution,
  CodeModeStatus,
  mcpPortalAuditReadPermission,
} from '@prompt-corner/plugin-mcp-portal-common';
import express, { Request } from 'express';
import Router from 'express-promise-router';
import { z } from 'zod';
import type { AuditQueries } from '../audit';
import type { ExecutionHistory } from '../codeMode';
import type { PageUsers, UserCredentials } from './PageUsers';
import { parsed } from './parsed';
import { reportRead } from './reportRead';

/** Of one execution; it makes at most some hundred calls. */
const MAX_RECORDS = 500;

const word = z.string().min(1).max(512);

const listSchema = z.strictObject({
  portal: word.optional(),
  state: word.optional(),
  cursor: word.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

const listOfAllSchema = listSchema.extend({ caller: word.optional() });

/**
 * Executions of Code Mode for the pages: each user's own, and everybody's for whom
 * the permission to read the audit trail allows it; reading other people's is in the
 * Backstage audit log.
 */
export function createExecutionsRouter(options: {
  executions: ExecutionHistory;
  queries: AuditQueries;
  health(): CodeModeHealth;
  auditor: AuditorService;
  users: PageUsers;
  principalOf(credentials: UserCredentials): Promise<{ uuid: string }>;
}): express.Router {
  const { executions, queries, users } = options;

  async function uuidOf(request: Request): Promise<string> {
    return (await options.principalOf(await users.of(request))).uuid;
  }

  /** UUID of a user who may see everything. @throws NotAllowedError for others */
  async function authorize(request: Request): Promise<string> {
    const credentials = await users.of(request);
    await users.assertTrustedWith(credentials, mcpPortalAuditReadPermission);
    return (await options.principalOf(credentials)).uuid;
  }

  const report = (principal: string, what: JsonObject) =>
    reportRead(options.auditor, 'executions-read', principal, what);

  async function find(id: string, caller?: string): Promise<CodeExecution> {
    const execution = await executions.get(id);
    if (!execution || (caller !== undefined && execution.caller !== caller)) {
      throw new NotFoundError(`There is no execution ${id}`);
    }
    return execution;
  }

  /** With what policy, guardrails and servers said to its calls. */
  async function withRecords(execution: CodeExecution) {
    const { items } = await queries.find(
      { executionId: execution.id },
      { limit: MAX_RECORDS },
    );
    return { execution, records: items.map(({ record }) => record).reverse() };
  }

  const router = Router();

  router.get('/executions', async (request, response) => {
    const caller = await uuidOf(request);
    const { cursor, limit, ...which } = parsed(listSchema, request.query);
    response.json(
      await executions.list({ ...which, caller }, { cursor, limit }),
    );
  });

  router.get('/executions/:id', async (request, response) => {
    const caller = await uuidOf(request);
    response.json(await withRecords(await find(request.params.id, caller)));
  });

  router.get('/admin/executions', async (request, response) => {
    const principal = await authorize(request);
    const question = parsed(listOfAllSchema, request.query);
    await report(principal, question);
    const { cursor, limit, ...which } = question;
    response.json(await executions.list(which, { cursor, limit }));
  });

  router.get('/admin/executions/:id', async (request, response) => {
    const principal = await authorize(request);
    const { id } = request.params;
    await report(principal, { id });
    response.json(await withRecords(await find(id)));
  });

  router.get('/admin/code-mode/status', async (request, response) => {
    await authorize(request);
    const {
      isolation,
      engine,
      processes,
      executions: running,
      ...rest
    } = options.health();
    const status: CodeModeStatus = {
      isolation,
      engine,
      processes,
      executions: running,
      waiting: rest.waiting,
      lost: { ...rest.lost },
    };
    response.json(status);
  });
  return router;
}
