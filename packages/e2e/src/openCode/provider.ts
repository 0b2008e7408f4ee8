import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that tells OpenCode how to log in to it, and with which configuration to go on. */
export interface Provider {
  /** Base URL. */
  url: string;
  stop(): Promise<void>;
}

/**
 * Serves `/.well-known/opencode` on the loopback interface.
 *
 * @param document - `auth.command` prints a token, which is then in the variable `auth.env`
 */
export async function startProvider(document: {
  auth: { command: string[]; env: string };
  config: object;
}): Promise<Provider> {
  const server = createServer((request, response) => {
    if (request.url !== '/.well-known/opencode') {
      response.writeHead(404).end();
      return;
    }
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify(document));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
