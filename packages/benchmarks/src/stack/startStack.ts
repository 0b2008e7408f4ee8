import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { hashOrganisation } from '../organisation';
import type { BackendOptions } from './backend';
import type { DatabaseAddress } from './config';
import { BenchmarkDatabase } from './database';

const LOG_FILE = resolvePackagePath(
  '@prompt-corner/benchmarks',
  '.data/backend.log',
);
const READINESS_INTERVAL_MS = 200;
const PROGRESS_INTERVAL_MS = 5_000;

/** A running backend that has the organisation in its catalog. */
export interface Stack {
  baseUrl: string;
  /** A user's token that all contenders accept. */
  token: string;
  dataset: {
    hash: string;
    entities: number;
    /** Seconds from the start of the backend until all was visible, when it was loaded. */
    ingestionSeconds: number;
    databaseBytes: number;
  };
  stop(): Promise<void>;
}

/**
 * Starts a backend in a process of its own, and waits until the catalog has
 * the organisation and has come to rest.
 *
 * The database is kept between runs and loaded only when it does not have the
 * organisation already. The backend's log is in `.data/backend.log`.
 *
 * @param options.entities - the organisation, generated at `options.scale`
 * @param options.ownPlugin - whether to install our own plugin too
 * @param options.permissions - whether the permission framework decides on each request
 * @param options.say - is told what happens while one waits
 */
export async function startStack(options: {
  address: DatabaseAddress;
  entities: Entity[];
  scale: number;
  ownPlugin: boolean;
  permissions: boolean;
  say: (line: string) => void;
}): Promise<Stack> {
  const { address, entities, scale, ownPlugin, permissions, say } = options;
  const hash = hashOrganisation(entities);
  const database = await BenchmarkDatabase.open(address);
  const load = (await database.loaded())?.hash !== hash;
  if (load) {
    await database.forget();
  }
  const user = stringifyEntityRef(entities.find(e => e.kind === 'User')!);
  const port = await findFreePort();

  const start = performance.now();
  say(load ? `Loading ${entities.length} entities` : 'Already loaded');
  const backend = await startBackend({
    port,
    database: address,
    scale,
    load,
    user,
    permissions,
    ownPlugin,
  });
  try {
    await waitUntilComplete({ database, expected: entities.length, say });
    if (load) {
      await database.remember(hash, (performance.now() - start) / 1000);
    }
    const baseUrl = `http://127.0.0.1:${port}`;
    return {
      baseUrl,
      token: await signIn(baseUrl),
      dataset: {
        hash,
        entities: entities.length,
        ingestionSeconds: (await database.loaded())!.seconds,
        databaseBytes: await database.size(),
      },
      stop: backend.stop,
    };
  } catch (error) {
    await backend.stop();
    throw error;
  } finally {
    await database.close();
  }
}

async function startBackend(options: BackendOptions) {
  mkdirSync(dirname(LOG_FILE), { recursive: true });
  const log = openSync(LOG_FILE, 'w');
  const child = spawn(
    process.execPath,
    [
      '--require',
      require.resolve('@backstage/cli/config/nodeTransform.cjs'),
      resolvePackagePath('@prompt-corner/benchmarks', 'src/stack/backend.ts'),
    ],
    {
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['pipe', log, log],
    },
  );
  const exited = once(child, 'exit');
  child.stdin!.write(`${JSON.stringify(options)}\n`);
  await waitUntilReady(options.port, () => child.exitCode !== null);
  return {
    stop: async () => {
      child.kill();
      await exited;
    },
  };
}

async function waitUntilReady(
  port: number,
  hasExited: () => boolean,
): Promise<void> {
  const url = `http://127.0.0.1:${port}/.backstage/health/v1/readiness`;
  for (;;) {
    if (hasExited()) {
      throw new Error(`The backend did not start; its log is ${LOG_FILE}`);
    }
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) {
      return;
    }
    await delay(READINESS_INTERVAL_MS);
  }
}

async function waitUntilComplete(options: {
  database: BenchmarkDatabase;
  expected: number;
  say: (line: string) => void;
}): Promise<void> {
  const { database, expected, say } = options;
  const start = performance.now();
  for (;;) {
    const { visible, pending } = await database.progress();
    if (visible === expected && pending === 0) {
      return;
    }
    const seconds = Math.round((performance.now() - start) / 1000);
    say(`${seconds} s: ${visible} of ${expected} visible, ${pending} to do`);
    await delay(PROGRESS_INTERVAL_MS);
  }
}

async function signIn(baseUrl: string): Promise<string> {
  const response = await fetch(`${baseUrl}/api/auth/benchmark/refresh`);
  if (!response.ok) {
    throw new Error(
      `Sign-in failed: ${response.status} ${await response.text()}`,
    );
  }
  const { backstageIdentity } = (await response.json()) as {
    backstageIdentity: { token: string };
  };
  return backstageIdentity.token;
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
