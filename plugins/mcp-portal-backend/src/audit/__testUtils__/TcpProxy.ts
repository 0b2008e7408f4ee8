import type { Knex } from 'knex';
import { connect, createServer, Server, Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** Between a client and PostgreSQL, to lose the connection at will. */
export class TcpProxy {
  readonly #target: { host: string; port: number };
  #server?: Server;
  readonly #sockets = new Set<Socket>();
  readonly #silent = new WeakSet<Socket>();
  #bytesLeft = Infinity;
  #hangs = false;
  port = 0;

  static async start(database: Knex): Promise<TcpProxy> {
    const { host, port } = database.client.connectionSettings;
    const proxy = new TcpProxy({ host, port: Number(port) });
    await proxy.restore();
    return proxy;
  }

  private constructor(target: { host: string; port: number }) {
    this.#target = target;
  }

  /** From now on, the connections that there are pass nothing on; new ones do. */
  silence() {
    this.#sockets.forEach(socket => this.#silent.add(socket));
  }

  /** From now on nothing passes, on new connections neither, until it is cut and restored. */
  hang() {
    this.silence();
    this.#hangs = true;
  }

  /** Breaks the connections when so many bytes have passed. */
  cutAfter(bytes: number) {
    this.#bytesLeft = bytes;
  }

  async cut() {
    this.#sockets.forEach(socket => socket.destroy());
    this.#sockets.clear();
    const server = this.#server;
    this.#server = undefined;
    await new Promise<void>(resolve => {
      if (server) {
        server.close(() => resolve());
      } else {
        resolve();
      }
    });
  }

  async restore() {
    this.#hangs = false;
    this.#server = createServer(client => {
      const upstream = connect(this.#target.port, this.#target.host);
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ]) {
        this.#sockets.add(from);
        from.on('data', data => {
          this.#bytesLeft -= data.length;
          if (this.#bytesLeft < 0) {
            this.#sockets.forEach(socket => socket.destroy());
          } else if (!this.#silent.has(from) && !this.#hangs) {
            to.write(data);
          }
        });
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
      }
    });
    await new Promise<void>(resolve =>
      this.#server!.listen(this.port, '127.0.0.1', resolve),
    );
    this.port = (this.#server!.address() as AddressInfo).port;
  }
}
