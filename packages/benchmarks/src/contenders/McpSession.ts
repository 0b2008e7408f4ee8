import {
  Client,
  StreamableHTTPClientTransport,
  Tool,
} from '@modelcontextprotocol/client';
import type { Meter } from '../measure/Meter';

/** A connected MCP client, as a host of models has one. */
export class McpSession {
  readonly #client: Client;

  private constructor(client: Client) {
    this.#client = client;
  }

  /**
   * Connects with the newest protocol that the server speaks, and lists its
   * tools, as hosts do.
   *
   * @param url - of the endpoint
   * @param token - that it takes
   */
  static async connect(
    url: string,
    token: string,
    meter: Meter,
  ): Promise<McpSession> {
    const client = new Client(
      { name: 'benchmark', version: '1.0.0' },
      { versionNegotiation: { mode: 'auto' } },
    );
    await client.connect(
      new StreamableHTTPClientTransport(new URL(url), {
        authProvider: { token: async () => token },
        fetch: meter.fetch,
      }),
    );
    const session = new McpSession(client);
    await session.listTools();
    return session;
  }

  /** Lists the tools, always by asking the server. */
  async listTools(): Promise<Tool[]> {
    const { tools } = await this.#client.listTools(undefined, {
      cacheMode: 'refresh',
    });
    return tools;
  }

  /**
   * Calls a tool.
   *
   * @returns the text that the model sees
   * @throws Error when the tool reports one
   */
  async call(name: string, input: Record<string, unknown>): Promise<string> {
    const { content, isError } = await this.#client.callTool({
      name,
      arguments: input,
    });
    const text = content
      .map(block => (block.type === 'text' ? block.text : ''))
      .join('\n');
    if (isError) {
      throw new Error(`${name} failed: ${text}`);
    }
    return text;
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}
