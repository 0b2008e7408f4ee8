import { once } from 'node:events';
import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The address to which a browser returns after the consent (RFC 8252, section 7.3). */
export class LoopbackCallback {
  readonly #server: Server;
  readonly #received: Promise<URLSearchParams>;

  private constructor(server: Server) {
    this.#server = server;
    this.#received = new Promise(resolve => {
      server.on('request', (request, response) => {
        const { pathname, searchParams } = new URL(request.url!, this.url);
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
  static async start(): Promise<LoopbackCallback> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new LoopbackCallback(server);
  }

  /** The redirect URI. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/callback`;
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
}
