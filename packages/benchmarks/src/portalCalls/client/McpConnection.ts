/** The protocol that a client speaks: with a session of its own, or without. */
export type Era = 'modern' | 'legacy';

/** Both eras. */
export const ERAS: Era[] = ['modern', 'legacy'];

/** Protocol revision of each era. */
export const REVISIONS: Record<Era, string> = {
  modern: '2026-07-28',
  legacy: '2025-11-25',
};

const CLIENT_INFO = { name: 'benchmark', version: '1.0.0' };
const SESSION_HEADER = 'mcp-session-id';

/** An answer of JSON-RPC 2.0. */
interface RpcAnswer {
  id?: unknown;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/**
 * A client that writes requests as the SDK's does, and does little else: what it
 * computes, it takes from those that are measured on the same machine.
 */
export class McpConnection {
  readonly #url: string;
  readonly #token: string | undefined;
  readonly #era: Era;
  readonly #fetch: typeof fetch;
  #sessionId: string | undefined;
  #lastId = 0;

  private constructor(options: ConnectionOptions) {
    this.#url = options.url;
    this.#token = options.token;
    this.#era = options.era;
    this.#fetch = options.fetch ?? fetch;
  }

  /** Connects; in the older era that begins a session, if the server has sessions. */
  static async open(options: ConnectionOptions): Promise<McpConnection> {
    const connection = new McpConnection(options);
    if (options.era === 'legacy') {
      await connection.#request('initialize', {
        protocolVersion: REVISIONS.legacy,
        capabilities: {},
        clientInfo: CLIENT_INFO,
      });
      await connection.#send({
        method: 'notifications/initialized',
        params: {},
      });
    }
    return connection;
  }

  /**
   * Calls a tool.
   *
   * @returns the text that a model gets to read
   * @throws Error what the server refused it with
   */
  async call(tool: string, args: Record<string, unknown>): Promise<string> {
    const { isError, content } = await this.#request(
      'tools/call',
      { name: tool, arguments: args },
      tool,
    );
    const [{ text }] = content as Array<{ text: string }>;
    if (isError) {
      throw new Error(text);
    }
    return text;
  }

  /** Names of all tools. */
  async listTools(): Promise<string[]> {
    const names: string[] = [];
    let cursor: unknown;
    do {
      const page = await this.#request('tools/list', {
        ...(cursor !== undefined && { cursor }),
      });
      names.push(...(page.tools as Array<{ name: string }>).map(toName));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return names;
  }

  async #request(
    method: string,
    params: Record<string, unknown>,
    name?: string,
  ): Promise<Record<string, unknown>> {
    const id = ++this.#lastId;
    const response = await this.#send({ id, method, params }, name);
    const { result, error } = readAnswer(response, id);
    if (!result) {
      throw new Error(error?.message ?? `${method} was answered with nothing`);
    }
    return result;
  }

  /** @returns the body and its type */
  async #send(
    message: { id?: number; method: string; params: object },
    name?: string,
  ): Promise<{ type: string; body: string }> {
    const response = await this.#fetch(this.#url, {
      method: 'POST',
      headers: this.#headers(message.method, name),
      body: JSON.stringify({
        jsonrpc: '2.0',
        ...message,
        params: { ...message.params, ...this.#meta() },
      }),
    });
    const body = await response.text();
    if (!response.ok) {
      throw new Error(`status ${response.status}: ${body.slice(0, 500)}`);
    }
    this.#sessionId ??= response.headers.get(SESSION_HEADER) ?? undefined;
    return { type: response.headers.get('content-type') ?? '', body };
  }

  #headers(method: string, name?: string): Record<string, string> {
    const isBeginning = method === 'initialize';
    return {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(this.#token && { authorization: `Bearer ${this.#token}` }),
      ...(!isBeginning && { 'mcp-protocol-version': REVISIONS[this.#era] }),
      ...(this.#sessionId && { [SESSION_HEADER]: this.#sessionId }),
      ...(this.#era === 'modern' && {
        'mcp-method': method,
        ...(name && { 'mcp-name': name }),
      }),
    };
  }

  /** Since 2026-07-28 each request says who makes it. */
  #meta() {
    return (
      this.#era === 'modern' && {
        _meta: {
          'io.modelcontextprotocol/protocolVersion': REVISIONS.modern,
          'io.modelcontextprotocol/clientInfo': CLIENT_INFO,
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      }
    );
  }
}

/** How a client connects. */
export interface ConnectionOptions {
  url: string;
  /** Without it, no authorization is sent. */
  token?: string;
  era: Era;
  /** Default: that of Node. */
  fetch?: typeof fetch;
}

/** Answers come as JSON, or as the last of some server-sent events. */
function readAnswer(
  { type, body }: { type: string; body: string },
  id: number,
): RpcAnswer {
  if (!type.startsWith('text/event-stream')) {
    return JSON.parse(body);
  }
  const events = body
    .split('\n')
    .filter(line => line.startsWith('data: {'))
    .map(line => JSON.parse(line.slice('data: '.length)) as RpcAnswer);
  return events.find(event => event.id === id) ?? {};
}

function toName({ name }: { name: string }): string {
  return name;
}
