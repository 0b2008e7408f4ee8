import type { AuditorService } from '@backstage/backend-plugin-api';
import { NotFoundError } from '@backstage/errors';
import type { BasicPermission } from '@backstage/plugin-permission-common';
import {
  checkDraft,
  checkSchema,
  simulatedCaller,
} from '@prompt-corner/cedar-policies';
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
  PolicyReplay,
  PolicySimulator,
  type PolicyEngine,
  type PolicyQuestion,
  type PolicyServer,
} from '../policy';
import { replaySchema, simulationSchema } from './policyBodies';
import type { PageUsers, UserCredentials } from './PageUsers';
import { parsed } from './parsed';
import { reportRead } from './reportRead';

/** What policies can read of a server, and what is approved of it. */
export interface SimulatedServer {
  server: PolicyServer;
  tools: Array<{ name: string; toolClass?: ToolClass }>;
  /** Their names. */
  prompts: string[];
}

/**
 * Policies, for administrators: what they are, what they would decide, and what a
 * draft of others would. Who asks the last two is in the Backstage audit log.
 */
export function createPolicyRouter(options: {
  engine: PolicyEngine;
  auditor: AuditorService;
  /** Whether a portal has a server, by its name in tool names; undefined when there is no such portal. */
  findPortal(name: string): { serves(server: string): boolean } | undefined;
  /** A server by its name in tool names; undefined when there is none. */
  findServer(name: string): Promise<SimulatedServer | undefined>;
  /** Records of the audit trail between two times. */
  auditRecords(range: { from: Date; to: Date }): AsyncIterable<AuditRecord>;
  users: PageUsers;
  principalOf(credentials: UserCredentials): Promise<{ uuid: string }>;
}): express.Router {
  const { engine, auditor, users } = options;
  const simulator = new PolicySimulator({ engine });
  const replays = new PolicyReplay({ engine });

  /** @returns UUID of the user @throws NotAllowedError without one of the permissions */
  async function authorize(
    request: Request,
    ...needed: BasicPermission[]
  ): Promise<string> {
    const credentials = await users.of(request);
    await users.assertTrustedWith(credentials, ...needed);
    return (await options.principalOf(credentials)).uuid;
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
    const principal = await authorize(request, mcpPortalPolicyReadPermission);
    const body = parsed(simulationSchema, request.body);
    const found = await options.findServer(body.server);
    if (!found) {
      throw new NotFoundError(
        `No server is named "${body.server}". It is the name in tool names, such as github`,
      );
    }
    assertServed(body, found, options.findPortal(body.portal));
    const { server, tools } = found;
    const { granted, uuid } = body.who;
    const { portal, action, target } = body;
    await reportRead(auditor, 'policy-simulate', principal, {
      uuid,
      portal,
      server: body.server,
      action,
      target,
    });
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
    const principal = await authorize(
      request,
      mcpPortalPolicyReadPermission,
      mcpPortalAuditReadPermission,
    );
    const { policies, from, to } = parsed(replaySchema, request.body);
    await reportRead(auditor, 'policy-replay', principal, { from, to });
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

/**
 * What is not there cannot be called, whatever policies say.
 *
 * @throws NotFoundError
 */
function assertServed(
  { portal, server, action, target }: z.infer<typeof simulationSchema>,
  { tools, prompts }: SimulatedServer,
  found: { serves(server: string): boolean } | undefined,
): void {
  if (!found) {
    throw new NotFoundError(`No portal is named "${portal}"`);
  }
  if (!found.serves(server)) {
    throw new NotFoundError(
      `The portal "${portal}" does not have the server "${server}"`,
    );
  }
  // Of resources there are also those that templates make.
  const missing =
    (action === 'call_tool' && !tools.some(({ name }) => name === target)) ||
    (action === 'get_prompt' && !prompts.includes(target));
  if (missing) {
    throw new NotFoundError(
      `The server "${server}" has no approved ${
        action === 'call_tool' ? 'tool' : 'prompt'
      } "${target}"`,
    );
  }
}

function questionOf(
  body: z.infer<typeof simulationSchema>,
  { server, tools }: SimulatedServer,
): PolicyQuestion {
  const { who, target } = body;
  const now = body.time === undefined ? new Date() : new Date(body.time);
  return {
    caller: simulatedCaller(body, now),
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
