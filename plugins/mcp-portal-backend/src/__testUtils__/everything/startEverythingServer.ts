import { randomUUID } from 'node:crypto';
import type {
  IncomingHttpHeaders,
  IncomingMessage,
  ServerResponse,
} from 'node:http';
import { json } from 'node:stream/consumers';
import {
  localhostHostValidation,
  localhostOriginValidation,
  NodeStreamableHTTPServerTransport,
  toNodeHandler,
} from '@modelcontextprotocol/node';
import {
  CLIENT_CAPABILITIES_META_KEY,
  classifyInboundRequest,
  createMcpHandler,
  InMemoryServerEventBus,
  ProtocolError,
  ProtocolErrorCode,
  Server,
} from '@modelcontextprotocol/server';
import { startServer, TestServer } from '../startServer';
import { askingTools, PROMPT_CONVERSATION } from './askingTools';
import {
  contentsOf,
  messagesOf,
  prompts,
  resources,
  resourceTemplates,
} from './content';
import { NO_ARGUMENTS, text } from './media';
import { converse } from './questions';
import { EverythingTool, tools } from './tools';

type Era = 'legacy' | 'modern';

/** A server with everything that the conformance suite asks for. */
export interface EverythingServer extends TestServer {
  /** How many sessions clients of older revisions have opened, and how many are open. */
  sessions(): { opened: number; open: number };
  /** Of the last request. */
  lastHeaders(): IncomingHttpHeaders;
  /** Ends all sessions, without telling anybody. */
  forgetSessions(): void;
}

/** A session of a client of protocol revision 2025-11-25 or older. */
interface Session {
  server: Server;
  transport: NodeStreamableHTTPServerTransport;
  subscriptions: Set<string>;
}

/** Comes and goes. */
const DYNAMIC_TOOL: EverythingTool = {
  name: 'test_dynamic_tool',
  description: 'Is not always there',
  inputSchema: NO_ARGUMENTS,
  run: () => ({ content: [text('Here I am')] }),
};
const DYNAMIC_PROMPT = {
  name: 'test_dynamic_prompt',
  description: 'Is not always there',
};

/**
 * Starts the server of the conformance suite's tests.
 *
 * @param options.eras - the protocol revisions that it speaks: 2026-07-28, and
 *   2025-11-25 and older, with sessions
 * @param options.tools - further tools
 */
export async function startEverythingServer(
  options: {
    eras?: readonly Era[];
    tools?: EverythingTool[];
    port?: number;
  } = {},
): Promise<EverythingServer> {
  const { eras = ['legacy', 'modern'] } = options;
  const all = [...tools, ...askingTools, ...(options.tools ?? [])];
  const sessions = new Map<string, Session>();
  const listed = { tools: [...all], prompts: [...prompts] };
  let opened = 0;
  let lastHeaders: IncomingHttpHeaders = {};

  const bus = new InMemoryServerEventBus();
  /** Notifies clients that are connected for long; they are gone sometimes. */
  const notifyAll = (notify: (session: Session) => Promise<void>) => {
    for (const session of sessions.values()) {
      notify(session).catch(() => {});
    }
  };
  const changeTools = () => {
    toggle(listed.tools, DYNAMIC_TOOL);
    bus.publish({ kind: 'tools_list_changed' });
    notifyAll(({ server }) => server.sendToolListChanged());
  };
  const changePrompts = () => {
    toggle(listed.prompts, DYNAMIC_PROMPT);
    bus.publish({ kind: 'prompts_list_changed' });
    notifyAll(({ server }) => server.sendPromptListChanged());
  };
  const changeResource = (uri: string) => {
    bus.publish({ kind: 'resource_updated', uri });
    notifyAll(async ({ server, subscriptions }) => {
      if (subscriptions.has(uri)) {
        await server.sendResourceUpdated({ uri });
      }
    });
  };

  const makeServer = (era: Era, subscriptions: Set<string>) => {
    const server = new Server(
      { name: 'everything', version: '1.0.0' },
      {
        capabilities: {
          tools: { listChanged: true },
          prompts: { listChanged: true },
          resources: { listChanged: true, subscribe: true },
          completions: {},
          logging: {},
        },
        // More than a portal may promise.
        cacheHints: {
          'resources/read': { ttlMs: 60_000, cacheScope: 'public' },
        },
      },
    );
    server.setRequestHandler('tools/list', () => ({
      tools: listed.tools.map(({ run: _, ...tool }) => tool) as never[],
    }));
    server.setRequestHandler('tools/call', async ({ params }, ctx) => {
      const tool = [...all, DYNAMIC_TOOL].find(
        ({ name }) => name === params.name,
      );
      if (!tool) {
        throw unknown('tool', params.name);
      }
      const result = await tool.run(params.arguments ?? {}, ctx, {
        era,
        capabilities: ({ mcpReq }) =>
          era === 'legacy'
            ? { ...server.getClientCapabilities() }
            : {
                ...(mcpReq.envelope as Record<string, object> | undefined)?.[
                  CLIENT_CAPABILITIES_META_KEY
                ],
              },
        changeTools,
        changePrompts,
        changeResource,
      });
      return result as never;
    });
    server.setRequestHandler('prompts/list', () => ({
      prompts: listed.prompts as never[],
    }));
    server.setRequestHandler('prompts/get', async ({ params }, ctx) => {
      if (params.name === 'test_input_required_result_prompt') {
        return converse(PROMPT_CONVERSATION, ctx, era) as never;
      }
      const messages = messagesOf(params.name, params.arguments);
      if (!messages) {
        throw unknown('prompt', params.name);
      }
      return { messages } as never;
    });
    server.setRequestHandler('resources/list', () => ({ resources }));
    server.setRequestHandler('resources/templates/list', () => ({
      resourceTemplates,
    }));
    server.setRequestHandler('resources/read', ({ params }) => ({
      contents: [contentsOf(params.uri)],
    }));
    server.setRequestHandler('completion/complete', ({ params }) => ({
      completion: {
        values: ['paris', 'park', 'party'].filter(value =>
          value.startsWith(params.argument.value),
        ),
        total: 3,
        hasMore: false,
      },
    }));
    if (era === 'legacy') {
      server.setRequestHandler('resources/subscribe', ({ params }) => {
        subscriptions.add(params.uri);
        return {};
      });
      server.setRequestHandler('resources/unsubscribe', ({ params }) => {
        subscriptions.delete(params.uri);
        return {};
      });
    }
    return server;
  };

  const modern = createMcpHandler(() => makeServer('modern', new Set()), {
    legacy: 'reject',
    bus,
  });
  const serveModern = toNodeHandler(modern);

  const openSession = async (): Promise<Session> => {
    const subscriptions = new Set<string>();
    const server = makeServer('legacy', subscriptions);
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: id => {
        opened++;
        sessions.set(id, { server, transport, subscriptions });
      },
      onsessionclosed: id => {
        sessions.delete(id);
      },
    });
    await server.connect(transport);
    return { server, transport, subscriptions };
  };

  const serveLegacy = async (
    request: IncomingMessage,
    response: ServerResponse,
    body: unknown,
  ) => {
    const id = request.headers['mcp-session-id'];
    const known = sessions.get(String(id));
    if (id && !known) {
      response.writeHead(404).end();
      return;
    }
    const session = known ?? (await openSession());
    await session.transport.handleRequest(request, response, body);
  };

  const isAllowedHost = localhostHostValidation();
  const isAllowedOrigin = localhostOriginValidation();
  const server = await startServer(async (request, response) => {
    if (
      !isAllowedHost(request, response) ||
      !isAllowedOrigin(request, response)
    ) {
      return;
    }
    lastHeaders = request.headers;
    const body = request.method === 'POST' ? await json(request) : undefined;
    const era = eras.length === 1 ? eras[0] : eraOf(request, body);
    await (era === 'legacy'
      ? serveLegacy(request, response, body)
      : serveModern(request as never, response, body));
  }, options);
  return {
    ...server,
    sessions: () => ({ opened, open: sessions.size }),
    lastHeaders: () => lastHeaders,
    forgetSessions: () => {
      for (const { transport } of sessions.values()) {
        void transport.close();
      }
      sessions.clear();
    },
  };
}

function eraOf(request: IncomingMessage, body: unknown): Era {
  const header = (name: string) => request.headers[name]?.toString();
  const { kind } = classifyInboundRequest({
    httpMethod: request.method!,
    protocolVersionHeader: header('mcp-protocol-version'),
    mcpMethodHeader: header('mcp-method'),
    mcpNameHeader: header('mcp-name'),
    body,
  });
  return kind === 'legacy' ? 'legacy' : 'modern';
}

function toggle<T>(list: T[], item: T): void {
  const index = list.indexOf(item);
  if (index < 0) {
    list.push(item);
  } else {
    list.splice(index, 1);
  }
}

function unknown(kind: string, name: string): ProtocolError {
  return new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `There is no ${kind} ${name}`,
  );
}
