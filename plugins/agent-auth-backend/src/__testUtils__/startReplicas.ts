import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { AddressInfo, connect, createServer, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { realAuthConfig, signIn } from '@prompt-corner/backend-testing';
import { findFreePort } from '@prompt-corner/backend-testing/ports';
import { eventually, organisation, Portal } from './startPortal';
import { testClient } from './TestClient';

const CLOCK_SKEW_MS = 30_000;

/** A connection string's parts, as knex wants them. */
export interface DatabaseConnection {
  host: string;
  port: number;
  user: string;
  password?: string;
  database: string;
}

/** One backend process of several that are one portal for clients. */
export interface Replica {
  /** Where this process listens; what it tells clients is the URL of the first one. */
  url: string;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  output(): string;
}

/** Several processes on one PostgreSQL database, which can be cut off. */
export interface Replicas {
  replicas: Replica[];
  /** A view of each replica, as tests of one portal have it. */
  portals: Portal[];
  /** Breaks all connections to the database, and refuses new ones until it is restored. */
  cutDatabase(): void;
  restoreDatabase(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts replicas, whose clocks differ by half a minute each, and waits until they serve. */
export async function startReplicas(options: {
  count: number;
  connection: DatabaseConnection;
  /** Further variables of the processes' environment. */
  env?: Record<string, string>;
}): Promise<Replicas> {
  const folder = mkdtempSync(join(tmpdir(), 'agent-auth-'));
  writeFileSync(
    join(folder, 'organisation.yaml'),
    organisation.map(entity => stringify(entity)).join('---\n'),
  );
  const proxy = await startDatabaseProxy(options.connection);
  const ports = await Promise.all(
    Array.from({ length: options.count }, findFreePort),
  );
  const baseUrl = `http://localhost:${ports[0]}`;

  const replicas: Replica[] = [];
  for (const port of ports) {
    const file = join(folder, `app-config.${port}.yaml`);
    writeFileSync(
      file,
      stringify({
        app: { baseUrl },
        backend: {
          baseUrl,
          listen: { host: '127.0.0.1', port },
          database: {
            client: 'pg',
            connection: {
              ...options.connection,
              host: '127.0.0.1',
              port: proxy.port,
            },
            pluginDivisionMode: 'schema',
          },
        },
        ...realAuthConfig,
        catalog: {
          rules: [{ allow: ['User', 'Group', 'Component', 'System'] }],
          locations: [
            { type: 'file', target: join(folder, 'organisation.yaml') },
          ],
        },
        agentAuth: { ...realAuthConfig.agentAuth, clients: [testClient] },
      }),
    );
    replicas.push(
      await startReplica(file, port, {
        CLOCK_SKEW_MS: String(replicas.length * CLOCK_SKEW_MS),
        ...options.env,
      }),
    );
  }
  return {
    replicas,
    portals: replicas.map(({ url }) => ({
      url: baseUrl,
      via: url,
      issuer: `${baseUrl}/api/agent-auth`,
      resource: `${baseUrl}/api/catalog-mcp/v1`,
      signIn: user => signIn(url, user),
      setEntities: async () => {
        throw new Error('The catalog of replicas does not change');
      },
      runTask: async () => {
        throw new Error('Replicas run their tasks by themselves');
      },
      stop: async () => {},
    })),
    cutDatabase: proxy.cut,
    restoreDatabase: proxy.restore,
    async stop() {
      await Promise.all(replicas.map(replica => replica.kill()));
      proxy.cut();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startReplica(
  file: string,
  port: number,
  variables: Record<string, string>,
): Promise<Replica> {
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess;
  let text = '';
  const start = async () => {
    child = spawn(
      process.execPath,
      [
        '--require',
        require.resolve('@backstage/cli/config/nodeTransform.cjs'),
        join(__dirname, 'replica.ts'),
        '--config',
        file,
      ],
      {
        env: {
          ...process.env,
          NODE_ENV: 'development',
          ...variables,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const collect = (chunk: Buffer) => {
      text += chunk;
    };
    child.stdout!.on('data', collect);
    child.stderr!.on('data', collect);
    await eventually(async () => {
      if (child.exitCode !== null) {
        throw new Error(`The replica has stopped:\n${text}`);
      }
      try {
        await signIn(url, 'user:default/ada');
        await signIn(url, 'user:default/linus');
        return true;
      } catch {
        return false;
      }
    });
  };
  await start();
  return {
    url,
    output: () => text,
    restart: start,
    async kill() {
      if (child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      }
    },
  };
}

/** Stands between the replicas and the database, to cut them off from it. */
async function startDatabaseProxy(target: { host: string; port: number }) {
  const sockets = new Set<Socket>();
  const server: Server = createServer(socket => {
    const upstream = connect(target.port, target.host);
    for (const end of [socket, upstream]) {
      sockets.add(end);
      end.on('error', () => end.destroy());
      end.on('close', () => {
        sockets.delete(end);
        socket.destroy();
        upstream.destroy();
      });
    }
    socket.pipe(upstream).pipe(socket);
  });
  const listen = (port: number) =>
    new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    cut: () => {
      server.close();
      sockets.forEach(socket => socket.destroy());
    },
    restore: () => listen(port),
  };
}
