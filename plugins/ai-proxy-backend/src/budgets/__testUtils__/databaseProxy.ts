import { once } from 'node:events';
import { AddressInfo, connect, createServer, Socket } from 'node:net';

/** Stands between a replica and the database, and can fall silent. */
export async function startDatabaseProxy(target: {
  host: string;
  port: number;
}) {
  const pairs = new Set<[Socket, Socket]>();
  let isSilent = false;
  const server = createServer(socket => {
    const upstream = connect(target.port, target.host);
    const pair: [Socket, Socket] = [socket, upstream];
    pairs.add(pair);
    for (const end of pair) {
      end.on('error', () => end.destroy());
      end.on('close', () => {
        pairs.delete(pair);
        pair.forEach(other => other.destroy());
      });
    }
    if (!isSilent) {
      socket.pipe(upstream).pipe(socket);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    /** Connections stay, and nothing comes through. */
    fallSilent() {
      isSilent = true;
      for (const [socket, upstream] of pairs) {
        socket.unpipe();
        upstream.unpipe();
      }
    },
    /** New connections work. */
    recover() {
      isSilent = false;
    },
    stop() {
      server.close();
      pairs.forEach(pair => pair.forEach(socket => socket.destroy()));
    },
  };
}
