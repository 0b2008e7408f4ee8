import type {
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError, NotFoundError } from '@backstage/errors';
import {
  AuthorizeResult,
  type BasicPermission,
} from '@backstage/plugin-permission-common';
import {
  mcpPortalAuditReadPermission,
  mcpPortalPolicyReadPermission,
  type AuditRecord,
  type ToolClass,
} from '@prompt-corner/plugin-mcp-portal-common';
import express, { type Request } from 'express';
import Router from 'express-promise-router';
import type { z } from 'zod';
import {
  checkDraft,
  PolicyReplay,
  PolicySimulator,
  type PolicyEngine,
  type PolicyQuestion,
  type PolicyServer,
} from '../policy';
import { checkSchema, replaySchema, simulationSchema } from './policyBodies';
import { parsed } from './parsed';

/** What policies can read of a server, and its tools. */
export interface SimulatedServer {
  server: PolicyServer;
  tools: Array<{ name: string; toolClass?: ToolClass }>;
}

/**
 * Policies, for administrators: what they are, what they would decide, and what a
 * draft of others would.
 */
export function createPolicyRouter(options: {
  engine: PolicyEngine;
  /** A server by its name in tool names; undefined when there is none. */
  findServer(name: string): Promise<SimulatedServer | undefined>;
  /** Records of the audit trail between two times. */
  auditRecords(range: { from: Date; to: Date }): AsyncIterable<AuditRecord>;
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  /** Whether permissions are decided by a policy at all. */
  permissionsEnabled: boolean;
}): express.Router {
  const { engine, httpAuth, permissions, permissionsEnabled } = options;
  const simulator = new PolicySimulator({ engine });
  const replays = new PolicyReplay({ engine });

  /** @throws NotAllowedError without one of the permissions */
  async function authorize(
    request: Request,
    ...needed: BasicPermission[]
  ): Promise<void> {
    const credentials = await httpAuth.credentials(request, {
      allow: ['user'],
    });
    if (!permissionsEnabled) {
      // Backstage allows everything then, to everybody.
      throw new NotAllowedError(
        'Policies are shown only with permission.enabled and a policy of Backstage',
      );
    }
    const decisions = await permissions.authorize(
      needed.map(permission => ({ permission })),
      { credentials },
    );
    const missing = needed.filter(
      (_, index) => decisions[index].result !== AuthorizeResult.ALLOW,
    );
    if (missing.length > 0) {
      const names = missing.map(({ name }) => name).join(' and ');
      throw new NotAllowedError(`This needs the permission ${names}`);
    }
  }

  const router = Router();

  router.get('/admin/policies', async (request, response) => {
    await authorize(request, mcpPortalPolicyReadPermission);
    response.json({
      status: engine.status(),
      policies: simulator.policies(),
      sources: engine.sources,
    });
  });

  router.use('/admin/policies', express.json({ limit: '256kb' }));

  router.post('/admin/policies/check', async (request, response) => {
    await authorize(request, mcpPortalPolicyReadPermission);
    const { policies } = parsed(checkSchema, request.body);
    response.json(checkDraft(engine, policies));
  });

  router.post('/admin/policies/simulate', async (request, response) => {
    await authorize(request, mcpPortalPolicyReadPermission);
    const body = parsed(simulationSchema, request.body);
    const found = await options.findServer(body.server);
    if (!found) {
      throw new NotFoundError(
        `No server is named "${body.server}". It is the name in tool names, such as github`,
      );
    }
    const { server, tools } = found;
    const { granted } = body.who;
    response.json(
      simulator.simulate({
        question: questionOf(body, found),
        tools: tools.map(tool => ({ ...tool, server, granted })),
        draft: body.policies,
      }),
    );
  });

  router.post('/admin/policies/replay', async (request, response) => {
    // It shows who called what.
    await authorize(
      request,
      mcpPortalPolicyReadPermission,
      mcpPortalAuditReadPermission,
    );
    const { policies, from, to } = parsed(replaySchema, request.body);
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    response.json(
      await replays.replay(
        options.auditRecords({ from: new Date(from), to: new Date(to) }),
        { draft: policies, signal: gone.signal },
      ),
    );
  });
  return router;
}

function questionOf(
  body: z.infer<typeof simulationSchema>,
  { server, tools }: SimulatedServer,
): PolicyQuestion {
  const { who, claims, network, target } = body;
  const now = body.time === undefined ? new Date() : new Date(body.time);
  return {
    caller: {
      kind: who.kind,
      uuid: who.uuid,
      entityRef: who.entityRef,
      teams: who.teams,
      client: { id: who.client.id, name: who.client.name ?? who.client.id },
      scopes: new Set(who.scopes),
      claims: {
        amr: claims.amr,
        acr: claims.acr,
        authTime:
          claims.authAgeSeconds === undefined
            ? undefined
            : now.getTime() / 1000 - claims.authAgeSeconds,
      },
      network,
    },
    portal: body.portal,
    action: body.action,
    target: {
      server,
      name: target,
      toolClass:
        body.toolClass ?? tools.find(({ name }) => name === target)?.toolClass,
      granted: who.granted,
    },
    arguments: body.arguments,
    now,
  };
}
