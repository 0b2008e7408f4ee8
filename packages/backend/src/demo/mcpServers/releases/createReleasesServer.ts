import { setTimeout as sleep } from 'node:timers/promises';
import {
  inputRequired,
  inputResponse,
  McpServer,
  type InputRequiredResult,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { answer, answered, problem } from '../answers';
import type { Releases } from './Releases';

/** How long one step of a promotion takes: long enough to be seen. */
const STEP_MS = 150;

const service = z
  .string()
  .max(100)
  .describe('Name of a component, such as payments-api');
const version = z.string().max(50).describe('Such as 4.12.2');
const stage = z.enum(['built', 'staging', 'production', 'retired']);
const release = z.object({
  service,
  version,
  stage,
  builtAt: z.string(),
  changes: z.array(z.string()),
});

const READS = { readOnlyHint: true, openWorldHint: false };

/** The release manager as MCP tools. */
export function createReleasesServer(releases: Releases): McpServer {
  const server = new McpServer(
    { name: 'lantern-releases', title: 'Release manager', version: '1.0.0' },
    { instructions: 'Releases of the services of Lantern.' },
  );

  server.registerTool(
    'list_releases',
    {
      title: 'List releases',
      description: 'Lists releases, the newest of each service first.',
      inputSchema: z.object({
        service: service.optional(),
        stage: stage.optional(),
      }),
      outputSchema: z.object({ releases: z.array(release) }),
      annotations: READS,
    },
    async filter => answer({ releases: releases.list(filter) }),
  );
  server.registerTool(
    'get_release',
    {
      title: 'Get a release',
      description: 'Reads what is in a release, and where it runs.',
      inputSchema: z.object({ service, version }),
      outputSchema: release,
      annotations: READS,
    },
    async input =>
      answered(() => answer({ ...releases.get(input.service, input.version) })),
  );
  server.registerTool(
    'plan',
    {
      title: 'Plan a promotion',
      description:
        'Tells what promoting a service from staging to production would change. Changes nothing.',
      inputSchema: z.object({ service }),
      outputSchema: z.object({
        service,
        from: version,
        to: version,
        changes: z.array(z.string()),
        steps: z.array(z.string()),
      }),
      annotations: READS,
    },
    async input => answered(() => answer({ ...releases.plan(input.service) })),
  );
  server.registerTool(
    'promote',
    {
      title: 'Promote to production',
      description:
        'Brings the release of a service that is in staging to production, step by step.',
      inputSchema: z.object({ service }),
      outputSchema: release,
      annotations: {
        readOnlyHint: false,
        destructiveHint: false,
        openWorldHint: false,
      },
    },
    async (input, ctx) =>
      answered(async () => {
        const { steps } = releases.plan(input.service);
        await report(steps, ctx);
        return answer({ ...releases.promote(input.service) });
      }),
  );
  server.registerTool(
    'rollback',
    {
      title: 'Roll back production',
      description:
        'Puts the earlier release of a service back into production. Asks the user to confirm it.',
      inputSchema: z.object({ service }),
      outputSchema: release,
      annotations: {
        readOnlyHint: false,
        destructiveHint: true,
        openWorldHint: false,
      },
    },
    async (input, ctx) =>
      answered(() => {
        const { current, previous } = releases.previous(input.service);
        const response = inputResponse(ctx.mcpReq.inputResponses, 'confirm');
        if (response.kind === 'missing') {
          return askToConfirm(
            `Roll ${input.service} back from ${current.version} to ${previous.version}?`,
          );
        }
        const confirmed =
          response.kind === 'elicit' &&
          response.action === 'accept' &&
          response.content?.confirm === true;
        if (!confirmed) {
          return problem('The user did not confirm it; nothing was changed.');
        }
        return answer({ ...releases.rollback(input.service) });
      }),
  );
  return server;
}

function askToConfirm(message: string): InputRequiredResult {
  return inputRequired({
    inputRequests: {
      confirm: inputRequired.elicit({
        message,
        requestedSchema: z.object({
          confirm: z.boolean().describe('Roll back'),
        }),
      }),
    },
  });
}

/** Tells a client that wants to know how far a promotion is. */
async function report(steps: string[], ctx: ServerContext): Promise<void> {
  const progressToken = ctx.mcpReq._meta?.progressToken;
  for (const [index, message] of steps.entries()) {
    if (progressToken !== undefined) {
      await ctx.mcpReq.notify({
        method: 'notifications/progress',
        params: {
          progressToken,
          progress: index,
          total: steps.length,
          message,
        },
      });
    }
    await sleep(STEP_MS, undefined, { signal: ctx.mcpReq.signal });
  }
}
