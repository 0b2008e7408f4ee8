import { InputError, NotFoundError } from '@backstage/errors';
import {
  mcpPortalAccessRequestPermission,
  mcpPortalCallsApprovePermission,
  type Approval,
  type ApprovalList,
  type ApprovalView,
  type RegisteredServer,
} from '@prompt-corner/plugin-mcp-portal-common';
import express, { Request } from 'express';
import Router from 'express-promise-router';
import {
  AccessGrants,
  Approvals,
  ApprovalsConfig,
  ApprovalStore,
  mayDecide,
  Person,
  refsOf,
} from '../approvals';
import {
  accessRequestSchema,
  approvalListSchema,
  decisionSchema,
  grantListSchema,
} from './approvalBodies';
import type { DecisionRecords } from '../audit';
import { noStore } from './noStore';
import type { PageUsers, UserCredentials } from './PageUsers';
import { parsed } from './parsed';

/**
 * Requests that wait for a person, and the access that came of them:
 *
 * - `GET /approvals?state=&mine=&limit=&cursor=`: what the user may decide, or asked for
 * - `GET /approvals/:id`, `POST /approvals/:id/decide`, `POST /approvals/:id/cancel`
 * - `POST /access-requests`: asks for access to a server
 * - `GET /access-grants?all=&server=`: the user's access, or also that of others which the user may end;
 *   `DELETE /access-grants/:id` ends it
 *
 * A request, and so its arguments, is seen by who asked and by who may decide it. Whoever
 * has access, or may decide the request that led to it, may end it.
 */
export function createApprovalsRouter(options: {
  approvals: Approvals;
  store: ApprovalStore;
  grants: AccessGrants;
  config: ApprovalsConfig;
  decisions: DecisionRecords;
  /** A server that the user may read in the catalog. */
  findServer: (
    credentials: UserCredentials,
    name: string,
  ) => Promise<Pick<RegisteredServer, 'name' | 'owner' | 'status'> | undefined>;
  hasPortal: (name: string) => boolean;
  principalOf: (
    credentials: UserCredentials,
  ) => Promise<{ uuid: string; entityRef: string; teams: string[] }>;
  users: PageUsers;
}): express.Router {
  const { approvals, store, grants, config, decisions, users } = options;

  async function personOf(
    request: Request,
  ): Promise<{ credentials: UserCredentials; person: Person }> {
    const credentials = await users.of(request);
    const mayDecideAll = await users.isTrustedWith(
      credentials,
      mcpPortalCallsApprovePermission,
    );
    const person = await options.principalOf(credentials);
    return { credentials, person: { ...person, mayDecideAll } };
  }

  /** @throws NotFoundError when there is none that the person may see */
  async function visible(id: string, person: Person): Promise<Approval> {
    const approval = await approvals.get(id);
    if (approval.requester !== person.uuid && !mayDecide(approval, person)) {
      throw new NotFoundError(`There is no approval ${id}`);
    }
    return approval;
  }

  const router = Router();
  router.use(['/approvals', '/access-requests', '/access-grants'], noStore);
  router.use(express.json());

  router.get('/approvals', async (request, response) => {
    const { person } = await personOf(request);
    const { state, mine, limit, cursor } = parsed(
      approvalListSchema,
      request.query,
    );
    const decidable = person.mayDecideAll ? {} : { approvers: refsOf(person) };
    const found = await store.list(
      mine
        ? { state, requester: person.uuid }
        : { state, notRequester: person.uuid, ...decidable },
      { limit, after: cursor === undefined ? undefined : readCursor(cursor) },
    );
    const last = found.at(-1);
    const list: ApprovalList = {
      items: found.map(approval => viewOf(approval, person)),
      nextCursor:
        last && found.length === limit
          ? `${Date.parse(last.createdAt)}.${last.id}`
          : undefined,
    };
    response.json(list);
  });

  router.get('/approvals/:id', async (request, response) => {
    const { person } = await personOf(request);
    const approval = await visible(request.params.id, person);
    response.json(viewOf(approval, person));
  });

  router.post('/approvals/:id/decide', async (request, response) => {
    const { person } = await personOf(request);
    const { decision, reason } = parsed(decisionSchema, request.body);
    const { id } = await visible(request.params.id, person);
    const decided = await approvals.decide(id, {
      decision,
      reason,
      by: person,
    });
    response.json(viewOf(decided, person));
  });

  router.post('/approvals/:id/cancel', async (request, response) => {
    const { person } = await personOf(request);
    const cancelled = await approvals.cancel(request.params.id, person.uuid);
    response.json(viewOf(cancelled, person));
  });

  router.post('/access-requests', async (request, response) => {
    const { credentials, person } = await personOf(request);
    await users.assertPermitted(credentials, mcpPortalAccessRequestPermission);
    const { server, portal, justification, ...access } = parsed(
      accessRequestSchema,
      request.body,
    );
    const longestSeconds = config.maxAccessMs / 1000;
    if (access.lifetimeSeconds > longestSeconds) {
      throw new InputError(
        `lifetimeSeconds can be ${longestSeconds} at most (mcpPortal.approvals.longestAccess)`,
      );
    }
    const found = await options.findServer(credentials, server);
    if (found?.status !== 'approved') {
      throw new NotFoundError(`There is no approved server ${server}`);
    }
    if (portal !== undefined && !options.hasPortal(portal)) {
      throw new NotFoundError(`There is no portal ${portal}`);
    }
    const approval = await approvals.request({
      kind: 'access',
      requester: person.uuid,
      server,
      portal,
      access,
      justification,
      approvers: [found.owner],
    });
    response.status(201).json(viewOf(approval, person));
  });

  router.get('/access-grants', async (request, response) => {
    const { person } = await personOf(request);
    const { all, server } = parsed(grantListSchema, request.query);
    const whose = all ? { endableBy: person } : { principal: person.uuid };
    response.json({ items: await grants.list({ ...whose, server }) });
  });

  router.delete('/access-grants/:id', async (request, response) => {
    const { person } = await personOf(request);
    decisions.assertAvailable();
    const grant = await grants.revoke(request.params.id, person);
    await decisions.record(person.uuid, [
      {
        action: 'grant',
        message: `revoked, of ${grant.principal}`,
        portal: grant.portal,
        server: grant.server,
        approvalId: grant.approvalId,
      },
    ]);
    response.status(204).end();
  });
  return router;
}

function viewOf(approval: Approval, person: Person): ApprovalView {
  return {
    ...approval,
    mine: approval.requester === person.uuid,
    mayDecide: approval.state === 'pending' && mayDecide(approval, person),
  };
}

function readCursor(cursor: string): { createdAt: Date; id: string } {
  const [time, id] = cursor.split('.');
  const createdAt = new Date(Number(time));
  if (!id || Number.isNaN(createdAt.getTime())) {
    throw new InputError('cursor is not one of this list');
  }
  return { createdAt, id };
}
