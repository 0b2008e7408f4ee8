import type { AuditorService } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import {
  aiProxyBudgetsManagePermission,
  aiProxyBudgetsReadPermission,
} from '@prompt-corner/plugin-ai-proxy-common';
import express, { Request } from 'express';
import Router from 'express-promise-router';
import { z } from 'zod';
import type { RunningBudgets } from '../budgets';
import type { PageUsers } from './PageUsers';

/** PostgreSQL has no texts with NUL. */
const text = z.string().regex(/^[^\0]*$/, 'must not have the character NUL');

const bucketsSchema = z.strictObject({
  budget: text.optional(),
  value: text.optional(),
  at: z.iso.datetime({ offset: true }).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: text.optional(),
});

/**
 * Budgets for the pages:
 *
 * - `GET /budgets/mine`: how the user stands with each budget that counts their requests
 * - `GET`, `POST /admin/budgets`; `PUT`, `DELETE /admin/budgets/<name>`, with `If-Match`
 * - `GET /admin/budgets/spent`: what was spent, a page at a time
 */
export function createBudgetsRouter(options: {
  users: PageUsers;
  auditor: AuditorService;
  running: RunningBudgets;
}): express.Router {
  const { users, auditor, running } = options;
  const { budgets, definitions, buckets, time } = running;
  const router = Router();
  router.use(
    ['/budgets', '/admin/budgets'],
    express.json({ limit: '64kb' }),
    (_request, response, next) => {
      response.set('cache-control', 'no-store');
      next();
    },
  );

  router.get('/budgets/mine', async (request, response) => {
    const { uuid, teams } = await users.of(request);
    const items = await budgets.standing({
      user: uuid,
      kind: 'user',
      teams,
    });
    response.json({ items });
  });

  router.get('/admin/budgets', async (request, response) => {
    await users.authorize(request, aiProxyBudgetsReadPermission);
    response.json({ items: definitions.list() });
  });

  router.get('/admin/budgets/spent', async (request, response) => {
    await users.authorize(request, aiProxyBudgetsReadPermission);
    const query = bucketsSchema.safeParse(request.query);
    if (!query.success) {
      throw new InputError(z.prettifyError(query.error));
    }
    const { limit, cursor, at, ...conditions } = query.data;
    response.json(
      await buckets.list(
        {
          ...conditions,
          atMs: at === undefined ? undefined : Date.parse(at),
        },
        { limit, cursor, nowMs: time.now() },
      ),
    );
  });

  /** Changes something, and says in the audit log who did. */
  const change = async <T>(
    request: Request,
    budget: unknown,
    act: (by: string) => Promise<T>,
  ): Promise<T> => {
    const { uuid } = await users.authorize(
      request,
      aiProxyBudgetsManagePermission,
    );
    const event = await auditor.createEvent({
      eventId: 'budget-change',
      severityLevel: 'medium',
      meta: { principal: uuid, method: request.method, budget: String(budget) },
    });
    try {
      const result = await act(uuid);
      await event.success();
      return result;
    } catch (error) {
      await event.fail({ error: error as Error });
      throw error;
    }
  };

  router.post('/admin/budgets', async (request, response) => {
    const created = await change(request, request.body?.name, by =>
      definitions.create(request.body, { by }),
    );
    response.status(201).json(created);
  });

  router.put('/admin/budgets/:name', async (request, response) => {
    const { name } = request.params;
    const etag = request.get('if-match');
    response.json(
      await change(request, name, by =>
        definitions.replace(name, request.body, { by, etag }),
      ),
    );
  });

  router.delete('/admin/budgets/:name', async (request, response) => {
    const { name } = request.params;
    const etag = request.get('if-match');
    await change(request, name, () => definitions.delete(name, { etag }));
    response.status(204).end();
  });
  return router;
}
