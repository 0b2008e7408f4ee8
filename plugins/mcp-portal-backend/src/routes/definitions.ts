import { InputError } from '@backstage/errors';
import type { ServerDefinition } from '@prompt-corner/plugin-mcp-portal-common';
import express from 'express';
import Router from 'express-promise-router';
import { z } from 'zod';
import {
  DefinitionDiff,
  DefinitionPosition,
  DefinitionStore,
  diffDefinitions,
} from '../definitions';
import type { ServerLifecycle } from '../registry';
import { noStore } from './noStore';
import { parsed } from './parsed';
import { RegistryAccess, RegistryAccessOptions } from './RegistryAccess';
import {
  definitionsApprovalSchema,
  definitionsQuerySchema,
  definitionsRejectionSchema,
} from './registryBodies';

/** A definition in the list for approvers. */
export interface ListedDefinition extends ServerDefinition {
  /** From what was approved to what the server sends now. */
  diff?: DefinitionDiff;
}

/** Ten thousand definitions with their pins have 2 MB. */
const MAX_BODY = '4mb';

/** Definitions of a server, below `/servers/:name/definitions`. */
export function createDefinitionsRouter(
  options: RegistryAccessOptions & {
    definitions: DefinitionStore;
    lifecycle: ServerLifecycle;
  },
): express.Router {
  const { definitions, lifecycle } = options;
  const router = Router();
  router.use(express.json({ limit: MAX_BODY }));
  router.use(noStore);

  router.get('/:name/definitions', async (request, response) => {
    const access = await RegistryAccess.of(options, request);
    const { status, limit, cursor } = parsed(
      definitionsQuerySchema,
      request.query,
    );
    const { entityRef } = await access.server(request.params.name);
    const items = await definitions.list(entityRef, {
      limit,
      statuses: status && [status],
      after: cursor ? readCursor(cursor) : undefined,
    });
    const counts = (await definitions.counts([entityRef])).get(entityRef)!;
    const last = items.at(-1);
    response.json({
      items: await withDiffs(items),
      counts,
      nextCursor:
        last && items.length === limit ? writeCursor(last) : undefined,
    });
  });

  router.post('/:name/definitions/approve', async (request, response) => {
    const access = await RegistryAccess.of(options, request);
    const user = await access.authorizeApprover();
    const body = parsed(definitionsApprovalSchema, request.body);
    const { entityRef } = await access.server(request.params.name);
    await lifecycle.approveDefinitions(entityRef, body.definitions, user, body);
    response.status(204).end();
  });

  router.post('/:name/definitions/reject', async (request, response) => {
    const access = await RegistryAccess.of(options, request);
    const user = await access.authorizeApprover();
    const body = parsed(definitionsRejectionSchema, request.body);
    const { entityRef } = await access.server(request.params.name);
    await lifecycle.rejectDefinitions(
      entityRef,
      body.definitions,
      user,
      body.reason,
    );
    response.status(204).end();
  });
  return router;
}

/** One after the other, with a pause: each may take some milliseconds. */
async function withDiffs(
  definitions: ServerDefinition[],
): Promise<ListedDefinition[]> {
  const listed: ListedDefinition[] = [];
  for (const definition of definitions) {
    const { approved, status } = definition;
    if (!approved || status === 'missing') {
      listed.push(definition);
      continue;
    }
    listed.push({
      ...definition,
      diff: diffDefinitions(approved.definition, definition.definition),
    });
    await new Promise(setImmediate);
  }
  return listed;
}

const positionSchema = z.tuple([z.string(), z.string()]);

function writeCursor({ kind, key }: DefinitionPosition): string {
  return Buffer.from(JSON.stringify([kind, key])).toString('base64url');
}

function readCursor(cursor: string): DefinitionPosition {
  try {
    const [kind, key] = positionSchema.parse(
      JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')),
    );
    return { kind, key };
  } catch {
    throw new InputError('The cursor is not one of this list');
  }
}
