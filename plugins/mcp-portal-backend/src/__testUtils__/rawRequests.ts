import { request } from 'node:http';

/** An answer, byte for byte. */
export interface RawAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** Of an MCP request: the JSON-RPC message, as document or as the last event. */
  message?: any;
}

/** Sends a request with exactly these headers, of which `fetch` would refuse some. */
export async function send(
  url: string,
  options: {
    method?: string;
    headers?: Record<string, string>;
    body?: string | Buffer;
  } = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: options.method ?? 'POST', headers: options.headers },
      response => {
        const chunks: Buffer[] = [];
        response.on('data', chunk => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            text,
            message: messageOf(text),
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(options.body);
  });
}

/** Headers with which an MCP client sends a message. */
export function clientHeaders(token?: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
}

/** A JSON-RPC request. */
export function rpc(method: string, params: object = {}): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
}

/** Begins a session of protocol revision 2025-11-25. @returns its id */
export async function beginSession(
  url: string,
  token: string,
): Promise<string> {
  const { headers } = await send(url, {
    headers: clientHeaders(token),
    body: rpc('initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'x', version: '1' },
    }),
  });
  return String(headers['mcp-session-id']);
}

/** One of protocol revision 2026-07-28, with its headers. */
export function modernRpc(
  method: string,
  params: Record<string, unknown>,
  capabilities: object = {},
) {
  const name = params.name ?? params.uri;
  return {
    headers: {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': name }),
    } as Record<string, string>,
    body: rpc(method, {
      ...params,
      _meta: {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
        'io.modelcontextprotocol/clientCapabilities': capabilities,
      },
    }),
  };
}

function messageOf(text: string): unknown {
  const events = text
    .split('\n')
    .filter(line => line.startsWith('data:'))
    .map(line => line.slice('data:'.length));
  try {
    return JSON.parse(events.at(-1) ?? text);
  } catch {
    return undefined;
  }
}
