import { once } from 'node:events';
import { AddressInfo, createServer } from 'node:net';

/**
 * Finds a TCP port on the loopback interface on which nothing listens.
 *
 * @returns the port; another process could still take it first
 */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
