import type { LoggerService } from '@backstage/backend-plugin-api';
import { CLIENT_INFO_META_KEY, Server } from '@modelcontextprotocol/server';
import type { AgentPrincipal } from '@prompt-corner/plugin-agent-auth-node';
import type { Request } from 'express';
import type { CallerCatalog } from '../catalog/CallerCatalog';
import type { Completions } from '../completions/Completions';
import type { PromptLibrary } from '../prompts/PromptLibrary';
import type { CatalogResources } from '../resources/CatalogResources';
import { outcomeOf, ToolTelemetry } from '../telemetry/ToolTelemetry';
import { clip } from '../text/words';
import { toProtocolError } from './protocolErrors';
import type { ToolCaller } from './ToolCaller';

const INSTRUCTIONS = `The software catalog of this organisation: services, libraries, APIs, data stores, systems, teams and how they relate. Entities are named by refs such as component:default/payments-api; bare names work too. Start with resolve_repository to learn what you are working on, find_entities or find_apis to look for something, get_entity for one thing. Answers are limited to what the signed-in user may see, and say in "more" what was left out.`;

/** Lists are the same for every caller and change only with a new version of the plugin. */
const LIST_TTL_MS = 5 * 60_000;

/** What a server answers with. */
export interface McpServerParts {
  version: string;
  tools: ToolCaller;
  resources: CatalogResources;
  prompts: PromptLibrary;
  completions: Completions;
  telemetry: ToolTelemetry;
  logger: LoggerService;
}

/**
 * Makes the MCP server of one request and one caller.
 *
 * The low-level class, because lists are prepared once and not registered anew
 * for each request.
 */
export function createMcpServer(
  parts: McpServerParts,
  call: { caller: CallerCatalog; agent?: AgentPrincipal; request: Request },
): Server {
  const { tools, resources, prompts, completions, telemetry, logger } = parts;
  const { caller, agent, request } = call;
  const list = { ttlMs: LIST_TTL_MS, cacheScope: 'public' } as const;
  const server = new Server(
    {
      name: 'backstage-catalog',
      title: 'Software catalog',
      version: parts.version,
    },
    {
      capabilities: { tools: {}, resources: {}, prompts: {}, completions: {} },
      instructions: INSTRUCTIONS,
      cacheHints: {
        'tools/list': list,
        'prompts/list': list,
        'resources/list': list,
        'resources/templates/list': list,
        'server/discover': list,
      },
    },
  );
  server.setRequestHandler('tools/list', () => ({ tools: tools.list }));
  server.setRequestHandler('tools/call', ({ params }, ctx) =>
    tools.call({
      name: params.name,
      input: params.arguments,
      caller,
      agent,
      request,
      client: clientOf(ctx.mcpReq.envelope, request),
    }),
  );
  server.setRequestHandler('resources/list', () => resources.list());
  server.setRequestHandler('resources/templates/list', () =>
    resources.templates(),
  );
  server.setRequestHandler('resources/read', async ({ params }, ctx) => {
    const { error, value } = await telemetry.observe(
      {
        tool: 'resources/read',
        subject: params.uri,
        credentials: caller.credentials,
        agent,
        request,
        client: clientOf(ctx.mcpReq.envelope, request),
      },
      () => outcomeOf(resources.read(params.uri, caller)),
    );
    if (!value) {
      throw toProtocolError(error, logger, clip(params.uri));
    }
    return value;
  });
  server.setRequestHandler('prompts/list', () => prompts.list());
  server.setRequestHandler('prompts/get', ({ params }) =>
    prompts.get(params.name, params.arguments ?? {}),
  );
  server.setRequestHandler('completion/complete', ({ params }) =>
    completions.complete(params, caller).catch(error => {
      throw toProtocolError(error, logger);
    }),
  );
  return server;
}

/**
 * What the client says it is: since 2026-07-28 in each request, before only
 * when it initialises, so that its user agent has to do.
 */
function clientOf(
  envelope: Record<string, unknown> | undefined,
  request: Request,
): string | undefined {
  const { name, version } = (envelope?.[CLIENT_INFO_META_KEY] ?? {}) as {
    name?: string;
    version?: string;
  };
  return name ? `${name} ${version}` : request.header('user-agent');
}
