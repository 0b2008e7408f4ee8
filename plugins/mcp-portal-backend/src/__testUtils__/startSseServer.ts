import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { startServer, TestServer } from './startServer';

/** Starts a server of HTTP with SSE, the transport of 2024, made with SDK 1: a tool that asks for a name. */
export async function startSseServer(): Promise<TestServer> {
  const transports = new Map<string, SSEServerTransport>();
  return startServer(async (request, response) => {
    if (request.method === 'GET') {
      const transport = new SSEServerTransport('/messages', response);
      transports.set(transport.sessionId, transport);
      await makeServer().connect(transport);
      return;
    }
    const url = new URL(request.url!, 'http://localhost');
    const transport = transports.get(url.searchParams.get('sessionId') ?? '');
    if (!transport) {
      response.writeHead(405).end();
      return;
    }
    await transport.handlePostMessage(request, response);
  });
}

function makeServer(): Server {
  const server = new Server(
    { name: 'sse', version: '1' },
    { capabilities: { tools: {} } },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: [
      { name: 'greet', description: 'Greets', inputSchema: { type: 'object' } },
    ],
  }));
  server.setRequestHandler(CallToolRequestSchema, async () => {
    const { content } = await server.elicitInput({
      message: 'Your name?',
      requestedSchema: {
        type: 'object',
        properties: { name: { type: 'string' } },
        required: ['name'],
      },
    });
    return { content: [{ type: 'text', text: `Hello ${content?.name}` }] };
  });
  return server;
}
