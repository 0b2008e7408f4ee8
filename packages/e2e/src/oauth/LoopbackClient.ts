import { once } from 'node:events';
import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a client that describes itself is called. */
export const CLIENT_NAME = 'Lantern test client';

/**
 * What a client on this machine serves: the address to which a browser
 * returns after the consent (RFC 8252, section 7.3), and the document by which
 * the client describes itself (Client ID Metadata Document), for the
 * authorization server.
 */
export class LoopbackClient {
  readonly #server: Server;
  readonly #received: Promise<URLSearchParams>;

  private constructor(server: Server) {
    this.#server = server;
    this.#received = new Promise(resolve => {
      server.on('request', (request, response) => {
        const { pathname, searchParams } = new URL(request.url!, this.#origin);
        if (pathname === '/client.json') {
          response
            .writeHead(200, { 'content-type': 'application/json' })
            .end(JSON.stringify(this.#document()));
          return;
        }
        if (pathname !== '/callback') {
          response.writeHead(404).end();
          return;
        }
        response
          .writeHead(200, { 'content-type': 'text/plain' })
          .end('You can close this page.');
        resolve(searchParams);
      });
    });
  }

  /** Listens on a free port. */
  static async start(): Promise<LoopbackClient> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new LoopbackClient(server);
  }

  /** URL of the document, which is the client's id. */
  get documentUrl(): string {
    return `${this.#origin}/client.json`;
  }

  /** The redirect URI. */
  get callbackUrl(): string {
    return `${this.#origin}/callback`;
  }

  /** The parameters with which the browser came, once it has. */
  received(): Promise<URLSearchParams> {
    return this.#received;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  get #origin(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://localhost:${port}`;
  }

  #document() {
    return {
      client_id: this.documentUrl,
      client_name: CLIENT_NAME,
      redirect_uris: [this.callbackUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    };
  }
}
