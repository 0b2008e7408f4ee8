import {
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { Server } from '@modelcontextprotocol/server';
import { findFreePort } from '@prompt-corner/backend-testing/ports';
import { proxyServer, startHTTPServer } from 'mcp-proxy';
import { runProcess } from '../../children/runProcess';

/** Where `mcp-proxy` listens. */
export interface McpProxy {
  url: string;
}

/**
 * Runs `mcp-proxy` in front of one server. Its command line takes servers on
 * stdio only, so this is its documented Node API, with the settings of its
 * command line and the newest protocol towards the server.
 *
 * This file is the entry point of a child process.
 */
async function run(options: { upstream: string }): Promise<McpProxy> {
  const client = new Client(
    { name: 'mcp-proxy', version: '1.0.0' },
    { capabilities: {}, versionNegotiation: { mode: 'auto' } },
  );
  await client.connect(
    new StreamableHTTPClientTransport(new URL(options.upstream)),
  );
  const serverCapabilities = client.getServerCapabilities() ?? {};
  const serverInfo = client.getServerVersion()!;
  const port = await findFreePort();
  await startHTTPServer({
    host: '127.0.0.1',
    port,
    sseEndpoint: null,
    createServer: async () => {
      const server = new Server(serverInfo, {
        capabilities: serverCapabilities,
      });
      await proxyServer({ client, server, serverCapabilities });
      return server;
    },
  });
  return { url: `http://127.0.0.1:${port}/mcp` };
}

runProcess(run);
