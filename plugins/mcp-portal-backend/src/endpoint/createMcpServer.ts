import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  ProtocolError,
  ProtocolErrorCode,
  Server,
  ServerCapabilities,
  ServerContext,
} from '@modelcontextprotocol/server';
import type { AuditAction } from '@prompt-corner/plugin-mcp-portal-common';
import type { ApiTools } from '../apis/tools';
import type { AuditTrail } from '../audit';
import { CodeRequest, EXECUTE, PortalCodeMode } from '../codeMode';
import type { ClientSessions } from '../sessions';
import type { PortalViews } from '../views';
import { answerRecord, RecordedAnswer } from './answerRecord';
import { clientOf, listenersOf } from './callOf';
import { callThrough, CallThroughParts } from './callThrough';
import type { Completions } from './Completions';
import type { PortalRequest } from './PortalRequest';
import { PortalServer } from './PortalServer';
import type { PortalTools } from './portalTools';
import type { Resources } from './Resources';
import { toolList } from './toolList';

/** Of one session; each is listened to at a server. */
const MAX_SUBSCRIPTIONS = 100;

/** Of one subscription, in characters; stored with the session. */
const MAX_URI_LENGTH = 2_000;

/** What a portal answers with. */
export interface McpServerParts extends CallThroughParts {
  version: string;
  views: PortalViews;
  portalTools: PortalTools;
  codeMode: PortalCodeMode;
  apis: ApiTools;
  resources: Resources;
  completions: Completions;
  sessions: ClientSessions;
  audit: AuditTrail;
  logger: LoggerService;
}

/** Records what is no call through the portal as those are. */
type Recorded = <T extends object>(
  action: AuditAction,
  ctx: ServerContext,
  answer: () => Promise<RecordedAnswer<T>>,
) => Promise<T>;

/** What a portal can do, in either era of the protocol. */
const CAPABILITIES: ServerCapabilities = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  completions: {},
  logging: {},
};

/** What the endpoint of an API can do. */
const API_CAPABILITIES: ServerCapabilities = {
  tools: { listChanged: true },
  logging: {},
};

/**
 * Makes the MCP server of one request to a portal, or to one API in it.
 *
 * The low-level class, because what is listed depends on the caller and is
 * passed on as the servers have it.
 */
export function createMcpServer(
  parts: McpServerParts,
  request: PortalRequest,
  era: 'legacy' | 'modern',
): Server {
  const { views, portalTools, codeMode, apis, audit } = parts;
  const { caller, portal, api } = request;
  const server = new PortalServer(
    {
      name: 'prompt-corner',
      title: api === undefined ? portal.title : `${api} API`,
      version: parts.version,
    },
    {
      capabilities: api === undefined ? CAPABILITIES : API_CAPABILITIES,
      instructions: api === undefined ? portal.description : undefined,
      logger: parts.logger,
    },
  );
  const recorded: Recorded = async (action, ctx, answer) => {
    const started = performance.now();
    const answered = await answer();
    await audit.append(answerRecord(action, request, ctx, answered, started));
    return answered.result;
  };

  server.setRequestHandler('tools/list', (_, ctx) =>
    recorded('tools/list', ctx, async () => {
      const own = await apis.list(request);
      if (api !== undefined) {
        return { result: { tools: own as never[] } };
      }
      own.unshift(...portalTools.list(request));
      if (request.codeMode) {
        const tools = [...codeMode.list(), ...own];
        return { result: { tools: tools as never[] } };
      }
      const view = await views.of(caller, portal);
      return toolList(view, portal, own);
    }),
  );
  server.setRequestHandler('tools/call', async ({ params }, ctx) => {
    const args = params.arguments ?? {};
    const target = params.name;
    if (portalTools.has(request, target)) {
      return recorded('tools/call', ctx, async () => ({
        ...(await portalTools.call(request, target, args)),
        target,
      }));
    }
    if (await apis.has(request, target)) {
      const asked = { ...codeRequest(request, ctx), api };
      return recorded('tools/call', ctx, async () => ({
        ...(await apis.call(asked, target, args)),
        target,
      }));
    }
    if (api !== undefined) {
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `There is no tool ${target} here`,
      );
    }
    if (request.codeMode) {
      if (!codeMode.has(target)) {
        throw new ProtocolError(
          ProtocolErrorCode.InvalidParams,
          `There is no tool ${target} in Code Mode; tools are called by code, in ${EXECUTE.name}`,
        );
      }
      return recorded('tools/call', ctx, async () => ({
        ...(await codeMode.call(codeRequest(request, ctx), target, args)),
        target,
      }));
    }
    return callThrough(parts, request, ctx, {
      action: 'tools/call',
      target,
      arguments: args,
    }) as never;
  });

  if (era === 'legacy') {
    addLogLevel(server, parts, request);
  }
  if (api !== undefined) {
    return server;
  }
  addContent(server, parts, request, recorded);
  if (era === 'legacy') {
    addSubscriptions(server, parts, request);
  }
  return server;
}

/** Prompts, resources and completions: what servers have besides tools. */
function addContent(
  server: Server,
  parts: McpServerParts,
  request: PortalRequest,
  recorded: Recorded,
): void {
  const { views, resources, completions } = parts;
  const { caller, portal } = request;
  server.setRequestHandler('prompts/list', (_, ctx) =>
    recorded('prompts/list', ctx, async () => {
      const { prompts } = await views.of(caller, portal);
      const all = [...prompts.values()].map(({ definition, exposed }) => ({
        ...definition,
        name: exposed,
      }));
      return { result: { prompts: all as never[] } };
    }),
  );
  server.setRequestHandler(
    'prompts/get',
    ({ params }, ctx) =>
      callThrough(parts, request, ctx, {
        action: 'prompts/get',
        target: params.name,
        arguments: params.arguments ?? {},
      }) as never,
  );

  server.setRequestHandler('resources/list', (_, ctx) =>
    recorded('resources/list', ctx, () => resources.list(request, ctx)),
  );
  server.setRequestHandler('resources/templates/list', (_, ctx) =>
    recorded('resources/templates/list', ctx, async () => {
      const { templates } = await views.of(caller, portal);
      const all = templates.map(({ definition, exposed }) => ({
        ...definition,
        uriTemplate: exposed,
      }));
      return { result: { resourceTemplates: all as never[] } };
    }),
  );
  server.setRequestHandler(
    'resources/read',
    ({ params }, ctx) =>
      callThrough(parts, request, ctx, {
        action: 'resources/read',
        target: params.uri,
        arguments: {},
      }) as never,
  );

  server.setRequestHandler('completion/complete', ({ params }, ctx) =>
    recorded('completion/complete', ctx, () =>
      completions.complete(request, ctx, params),
    ),
  );
}

/** Who runs code. The client is told what happens, and asked nothing. */
function codeRequest(request: PortalRequest, ctx: ServerContext): CodeRequest {
  const { caller, portal, traceId, gone } = request;
  return {
    caller,
    portal,
    client: clientOf(request, ctx),
    traceId,
    signal: ctx.mcpReq.signal,
    gone,
    onProgress: listenersOf(request, ctx).onProgress,
  };
}

function addLogLevel(
  server: Server,
  { sessions }: McpServerParts,
  { session }: PortalRequest,
): void {
  server.setRequestHandler('logging/setLevel', async ({ params }) => {
    if (session) {
      await sessions.change(session, { logLevel: params.level });
    }
    return {};
  });
}

function addSubscriptions(
  server: Server,
  { sessions, resources }: McpServerParts,
  request: PortalRequest,
): void {
  const { session } = request;
  server.setRequestHandler('resources/subscribe', async ({ params }) => {
    if (params.uri.length > MAX_URI_LENGTH) {
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `The URI has more than ${MAX_URI_LENGTH} characters`,
      );
    }
    await resources.assertReadable(request, params.uri);
    if (session) {
      const subscriptions = new Set(session.subscriptions).add(params.uri);
      if (subscriptions.size > MAX_SUBSCRIPTIONS) {
        throw new ProtocolError(
          ProtocolErrorCode.InvalidParams,
          `A session has at most ${MAX_SUBSCRIPTIONS} subscriptions; end one first`,
        );
      }
      await sessions.change(session, { subscriptions: [...subscriptions] });
    }
    return {};
  });
  server.setRequestHandler('resources/unsubscribe', async ({ params }) => {
    if (session) {
      await sessions.change(session, {
        subscriptions: session.subscriptions.filter(uri => uri !== params.uri),
      });
    }
    return {};
  });
}
