import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, Server } from '@modelcontextprotocol/server';
import { startServer, TestServer } from './startServer';

/** A tool of a test, as its server sends it. */
export interface TestTool {
  name: string;
  description?: string;
  inputSchema?: object;
  [field: string]: unknown;
  /** What it answers; default: its name and arguments as JSON. */
  run?: (args: Record<string, unknown>) => unknown;
}

/** A resource of a test, as its server lists it. */
export interface TestResource {
  uri: string;
  name: string;
  [field: string]: unknown;
  /** What reading it gives, besides its URI. */
  contents?: object;
}

/** A server of tools, with what it was asked. */
export interface ToolServer extends TestServer {
  /** Can be changed while it runs. */
  tools: TestTool[];
  resources: TestResource[];
  calls: Array<{ name: string; arguments: unknown; authorization?: string }>;
}

/** Starts an MCP server of both protocol eras that has these tools and resources, and nothing else. */
export async function startToolServer(
  tools: TestTool[],
  resources: TestResource[] = [],
): Promise<ToolServer> {
  const state: Pick<ToolServer, 'tools' | 'resources' | 'calls'> = {
    tools,
    resources,
    calls: [],
  };
  const handler = toNodeHandler(
    createMcpHandler(({ requestInfo }) => {
      const server = new Server(
        { name: 'test', version: '1' },
        {
          capabilities: {
            tools: {},
            ...(resources.length && { resources: {} }),
          },
        },
      );
      server.setRequestHandler('tools/list', () => ({
        tools: state.tools.map(({ run: _, ...tool }) => ({
          inputSchema: { type: 'object' },
          ...tool,
        })) as never[],
      }));
      server.setRequestHandler('tools/call', async ({ params }) => {
        state.calls.push({
          name: params.name,
          arguments: params.arguments,
          authorization: requestInfo?.headers.get('authorization') ?? undefined,
        });
        const tool = state.tools.find(({ name }) => name === params.name);
        const result = tool?.run
          ? await tool.run(params.arguments ?? {})
          : JSON.stringify([params.name, params.arguments]);
        return (
          typeof result === 'string'
            ? { content: [{ type: 'text', text: result }] }
            : result
        ) as never;
      });
      if (resources.length) {
        server.setRequestHandler('resources/list', () => ({
          resources: state.resources.map(
            ({ contents: _, ...resource }) => resource,
          ),
        }));
        server.setRequestHandler('resources/templates/list', () => ({
          resourceTemplates: [],
        }));
        server.setRequestHandler('resources/read', ({ params: { uri } }) => ({
          contents: state.resources
            .filter(resource => resource.uri === uri)
            .map(({ contents }) => ({ uri, text: '', ...contents })),
        }));
      }
      return server;
    }),
  );
  const server = await startServer((request, response) =>
    handler(request as never, response),
  );
  return Object.assign(state, server);
}
