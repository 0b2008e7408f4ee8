import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import type { UpstreamServer } from '../UpstreamServer';
import type { TestAuthorizationServer } from './startAuthorizationServer';

/** A server that says who calls it, as its authorization server knows them. */
export interface TestMcpServer extends UpstreamServer {
  /** The one it trusts from now on. */
  as: TestAuthorizationServer;
  /** What its metadata say, with changes. */
  metadata: Record<string, unknown>;
  stop(): Promise<void>;
}

/** @param name - short */
export async function startMcpServer(
  name: string,
  as: TestAuthorizationServer,
): Promise<TestMcpServer> {
  const started = {
    entityRef: `api:default/${name}-mcp`,
    name,
    as,
    metadata: {},
  } as TestMcpServer;
  const server = createServer(async (request, response) => {
    const json = (status: number, value: unknown, headers = {}) =>
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(value));
    const { origin } = new URL(started.url);
    if (request.url === '/.well-known/oauth-protected-resource/mcp') {
      json(200, {
        resource: started.url,
        authorization_servers: [started.as.issuer],
        scopes_supported: ['tools:read'],
        ...started.metadata,
      });
      return;
    }
    if (!/^\/mcp(\/|$)/.test(request.url ?? '')) {
      json(404, {});
      return;
    }
    const value = request.headers.authorization?.replace('Bearer ', '');
    const { AccessToken, ClientCredentials } = started.as.provider;
    const user = value ? await AccessToken.find(value) : undefined;
    const token =
      user ?? (value ? await ClientCredentials.find(value) : undefined);
    if (!token || token.aud !== started.url) {
      json(
        401,
        {},
        {
          'www-authenticate': `Bearer ${
            value ? 'error="invalid_token", ' : ''
          }resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`,
        },
      );
      return;
    }
    json(200, {
      account: user?.accountId ?? token.clientId,
      scope: token.scope,
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  started.url = `http://localhost:${port}/mcp`;
  started.stop = () =>
    new Promise(resolve => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return started;
}

/** Whom a server sees with these headers; undefined when it refuses them. */
export async function accountAt(
  server: UpstreamServer,
  headers: Record<string, string>,
): Promise<string | undefined> {
  const response = await fetch(server.url, { headers });
  const { account } = await response.json();
  return account;
}
