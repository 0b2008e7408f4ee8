import { once } from 'node:events';
import { createServer, IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server on the loopback interface that passes requests on. */
export interface AuthorizingProxy {
  /** Base URL of the proxy. */
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts a proxy that adds a token to each request, for clients that cannot
 * send one. Where a request names the proxy in `Host` or `Origin`, it names
 * the target afterwards; other names are passed on as they are.
 *
 * @param target - base URL
 * @param token - bearer token
 * @param name - base URL by which the target knows itself
 */
export async function startAuthorizingProxy(
  target: string,
  token: string,
  name: string = target,
): Promise<AuthorizingProxy> {
  const { hostname, port } = new URL(target);
  const { host, origin } = new URL(name);
  const server = createServer((incoming, outgoing) => {
    const own = `localhost:${(server.address() as AddressInfo).port}`;
    const headers: IncomingHttpHeaders = {
      ...incoming.headers,
      authorization: `Bearer ${token}`,
    };
    if (headers.host === own) {
      headers.host = host;
    }
    if (headers.origin === `http://${own}`) {
      headers.origin = origin;
    }
    const forwarded = request(
      { hostname, port, path: incoming.url, method: incoming.method, headers },
      answer => {
        outgoing.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forwarded.on('error', error => outgoing.destroy(error));
    outgoing.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
