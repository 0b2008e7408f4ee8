import { IncomingMessage, ServerResponse } from 'node:http';
import { startServer, TestServer } from './startServer';
import { startToolServer, TestTool, ToolServer } from './toolServer';

/** Answers a call of one tool in its own way. */
export type Fault = (
  response: ServerResponse,
  message: { id: unknown; params: Record<string, unknown> },
  request: IncomingMessage,
) => unknown;

/** A server of which some tools are answered by what no MCP server would send. */
export interface FaultyServer extends TestServer {
  tools: TestTool[];
  /** By name of the tool; each reads only. */
  faults: Record<string, Fault>;
  /** Every request that arrived: method of JSON-RPC, and headers. */
  requests: Array<{
    method?: string;
    tool?: string;
    headers: IncomingMessage['headers'];
  }>;
  /** Instead of any answer. */
  down?: (response: ServerResponse) => unknown;
}

const OF_THE_CONNECTION = new Set([
  'connection',
  'content-length',
  'host',
  'transfer-encoding',
]);

/** Starts one; whatever is no faulty tool is served as by any other server. */
export async function startFaultyServer(
  faults: Record<string, Fault>,
  tools: TestTool[] = [],
): Promise<FaultyServer> {
  const honest: ToolServer = await startToolServer([
    ...Object.keys(faults).map(name => ({
      name,
      annotations: { readOnlyHint: true },
    })),
    ...tools,
  ]);
  const state: Omit<FaultyServer, keyof TestServer> = {
    tools: honest.tools,
    faults,
    requests: [],
  };
  const server = await startServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    const body = Buffer.concat(chunks);
    const message = body.length ? JSON.parse(body.toString()) : {};
    const tool = message.params?.name;
    state.requests.push({
      method: message.method,
      tool,
      headers: request.headers,
    });
    if (state.down) {
      await state.down(response);
      return;
    }
    if (message.method === 'tools/call' && Object.hasOwn(faults, tool)) {
      await faults[tool](response, message, request);
      return;
    }
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) {
      if (!OF_THE_CONNECTION.has(name)) {
        headers.set(name, String(value));
      }
    }
    const answer = await fetch(honest.url, {
      method: request.method,
      headers,
      body: body.length ? body : undefined,
    });
    response.writeHead(answer.status, {
      'content-type': answer.headers.get('content-type') ?? 'text/plain',
    });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  return Object.assign(state, server, {
    async stop() {
      await server.stop();
      await honest.stop();
    },
  });
}

/** A well-formed answer with this result. */
export function answerWith(result: object): Fault {
  return (response, { id }) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        jsonrpc: '2.0',
        id,
        result: { resultType: 'complete', ...result },
      }),
    );
  };
}
