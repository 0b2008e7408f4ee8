import { AddressInfo } from 'node:net';
import { createServer, IncomingMessage } from 'node:http';
import {
  startToolServer,
  TestTool,
  ToolServer,
} from '../../__testUtils__/toolServer';
import type { TestAuthorizationServer } from './startAuthorizationServer';

/** An MCP server that takes tokens of an authorization server only. */
export interface ProtectedServer {
  url: string;
  /** Behind it: what it offers, and what it was asked. */
  tools: ToolServer;
  /** Accounts as which it was asked, with the method: `ada@tracker tools/list`. */
  asked: string[];
  /** Scopes that tools need, by name; `tools:read` is enough for the others. */
  scopes: Record<string, string>;
  /** How often it refused a token. */
  refusals: number;
  /** Called before a request with a token is looked at. */
  beforeRequest: (message: { method?: string }) => Promise<void>;
  stop(): Promise<void>;
}

/** Starts a server of these tools, of both eras of the protocol. */
export async function startProtectedServer(
  as: TestAuthorizationServer,
  tools: TestTool[],
): Promise<ProtectedServer> {
  const inner = await startToolServer(tools);
  const started: ProtectedServer = {
    url: '',
    tools: inner,
    asked: [],
    scopes: {},
    refusals: 0,
    beforeRequest: async () => {},
    stop: async () => {},
  };
  const metadataPath = '/.well-known/oauth-protected-resource/mcp';
  const server = createServer(async (request, response) => {
    const { origin } = new URL(started.url);
    if (request.url === metadataPath) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          resource: started.url,
          authorization_servers: [as.issuer],
          scopes_supported: ['tools:read'],
        }),
      );
      return;
    }
    if (request.url !== '/mcp') {
      response.writeHead(404).end();
      return;
    }
    const body = await readBody(request);
    const message = JSON.parse(body || '{}');
    const value = request.headers.authorization?.replace('Bearer ', '');
    if (value) {
      await started.beforeRequest(message);
    }
    const token = value ? await as.provider.AccessToken.find(value) : undefined;
    const refuse = (status: number, challenge: string) => {
      started.refusals += value ? 1 : 0;
      response
        .writeHead(status, {
          'www-authenticate': `Bearer ${challenge}resource_metadata="${origin}${metadataPath}"`,
        })
        .end();
    };
    if (!token || token.aud !== started.url) {
      refuse(401, value ? 'error="invalid_token", ' : '');
      return;
    }
    const scope =
      message.method === 'tools/call'
        ? started.scopes[message.params?.name] ?? 'tools:read'
        : 'tools:read';
    if (!token.scope?.split(' ').includes(scope)) {
      refuse(403, `error="insufficient_scope", scope="${scope}", `);
      return;
    }
    started.asked.push(`${token.accountId} ${message.method}`);
    const headers = Object.entries(request.headers).filter(
      ([name]) => !['host', 'connection', 'content-length'].includes(name),
    ) as Array<[string, string]>;
    const answer = await fetch(inner.url, {
      method: request.method,
      headers,
      body: body || undefined,
    });
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  started.url = `http://localhost:${
    (server.address() as AddressInfo).port
  }/mcp`;
  started.stop = async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
    await inner.stop();
  };
  return started;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
