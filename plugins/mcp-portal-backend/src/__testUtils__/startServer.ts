import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';

/** A server of a test. */
export interface TestServer {
  /** Such as `http://127.0.0.1:34567/mcp`. */
  url: string;
  stop(): Promise<void>;
}

/**
 * Serves HTTP on a free port of the loopback interface.
 *
 * @param handle - may be replaced between requests by what it closes over
 */
export async function startServer(
  handle: (request: IncomingMessage, response: ServerResponse) => unknown,
  options: { port?: number } = {},
): Promise<TestServer> {
  const server = createServer((request, response) => {
    Promise.resolve(handle(request, response)).catch(error => {
      response.destroy(error);
    });
  });
  await new Promise<void>(resolve =>
    server.listen(options.port ?? 0, '127.0.0.1', resolve),
  );
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    stop: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
