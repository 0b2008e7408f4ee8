import {
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

/** How a client calls itself, to servers and in logs. */
export const CLIENT_INFO = { name: 'prompt-corner-e2e', version: '1.0.0' };

/** What the clients of both SDK generations can do, with the same answers. */
export interface CatalogClient {
  /** The revision that client and server agreed on. */
  protocolVersion: string | undefined;
  listToolNames(): Promise<string[]>;
  /** Calls a tool that must succeed, and returns its structured result. */
  ask(tool: string, input?: object): Promise<Record<string, any>>;
  close(): Promise<void>;
}

/** Wraps a connected client of the SDK's second generation. */
export function catalogClient(client: Client): CatalogClient {
  return {
    protocolVersion: client.getNegotiatedProtocolVersion(),
    async listToolNames() {
      const { tools } = await client.listTools();
      return tools.map(({ name }) => name);
    },
    async ask(tool, input = {}) {
      return structured(
        await client.callTool({ name: tool, arguments: { ...input } }),
      );
    },
    close: () => client.close(),
  };
}

/** Wraps a connected client of the SDK's first generation. */
export function legacyCatalogClient(
  client: LegacyClient,
  transport: LegacyTransport,
): CatalogClient {
  return {
    protocolVersion: transport.protocolVersion,
    async listToolNames() {
      const { tools } = await client.listTools();
      return tools.map(({ name }) => name);
    },
    async ask(tool, input = {}) {
      return structured(
        await client.callTool({ name: tool, arguments: { ...input } }),
      );
    },
    close: () => client.close(),
  };
}

/** Connects the SDK's second generation, which negotiates the revision. */
export async function connectClient(
  endpoint: string,
  token: string,
): Promise<CatalogClient> {
  const client = new Client(CLIENT_INFO, {
    versionNegotiation: { mode: 'auto' },
  });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(endpoint), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    }),
  );
  return catalogClient(client);
}

/** Connects the SDK's first generation, which knows revisions up to 2025-11-25. */
export async function connectLegacyClient(
  endpoint: string,
  token: string,
): Promise<CatalogClient> {
  const client = new LegacyClient(CLIENT_INFO);
  const transport = new LegacyTransport(new URL(endpoint), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  await client.connect(transport);
  return legacyCatalogClient(client, transport);
}

function structured(result: object): Record<string, any> {
  const { isError, content, structuredContent } = result as {
    isError?: boolean;
    content?: unknown;
    structuredContent?: Record<string, any>;
  };
  if (isError || !structuredContent) {
    throw new Error(`The tool failed: ${JSON.stringify(content)}`);
  }
  return structuredContent;
}
