import knex from 'knex';
import { setTimeout as delay } from 'node:timers/promises';
import { McpConnection } from '../client/McpConnection';
import { LARGE, PortalSize, toolsOf, USUAL } from '../sizes';
import { DatabaseAddress, signIn, startChild } from '../../stack';
import { USER_REF } from './entities';
import { Probe } from './Probe';
import type { BackendOptions } from './process';

const DEADLINE_MS = 120_000;
const INTERVAL_MS = 1_000;
const TOKEN_LIFETIME_SECONDS = 8 * 60 * 60;

/** A portal in a process of its own. */
export interface PortalBackend {
  /** URL of a portal. */
  endpoint(size: PortalSize): string;
  /** Agent tokens for a portal, each of a connection of its own. */
  tokensFor(size: PortalSize, count: number): Promise<string[]>;
  probe: Probe;
  stop(): Promise<void>;
}

/**
 * Starts a backend on an empty database, and waits until its portals have all
 * tools. Its log is in `.data/portal-calls.log`.
 *
 * @param options.address - of a database that is replaced
 * @param options.urls - of the servers behind the portals, by name
 */
export async function startBackend(options: {
  address: DatabaseAddress;
  urls: Record<string, string>;
}): Promise<PortalBackend> {
  const { address, urls } = options;
  await replaceDatabase(address);
  const { baseUrl, inDevelopment, stop } = await startChild<BackendOptions>({
    entry: 'src/portalCalls/backend/process.ts',
    log: 'portal-calls.log',
    tell: {
      database: address,
      load: true,
      user: USER_REF,
      permissions: true,
      urls,
    },
  });
  try {
    const endpoint = ({ portal }: PortalSize) =>
      `${baseUrl}/api/mcp-portal/v1/${portal}`;
    const userToken = await untilSuccess(() => signIn(baseUrl));
    const backend: PortalBackend = {
      endpoint,
      tokensFor: (size, count) =>
        inDevelopment(async () => {
          const tokens: string[] = [];
          while (tokens.length < count) {
            tokens.push(await createToken(baseUrl, userToken, endpoint(size)));
          }
          return tokens;
        }),
      probe: new Probe(baseUrl),
      stop,
    };
    for (const size of [USUAL, LARGE]) {
      await waitForTools(backend, size);
    }
    return backend;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Every run begins with the same: no audit records, no servers, no grants. */
async function replaceDatabase(address: DatabaseAddress): Promise<void> {
  const server = knex({
    client: 'pg',
    connection: { ...address, database: 'postgres' },
    pool: { min: 0, max: 1 },
  });
  try {
    await server.raw('drop database if exists ?? with (force)', [
      address.database,
    ]);
    await server.raw('create database ??', [address.database]);
  } finally {
    await server.destroy();
  }
}

async function waitForTools(
  backend: PortalBackend,
  size: PortalSize,
): Promise<void> {
  const [token] = await untilSuccess(() => backend.tokensFor(size, 1));
  const connection = await McpConnection.open({
    url: backend.endpoint(size),
    token,
    era: 'modern',
  });
  await untilSuccess(async () => {
    // The portal has tools of its own besides.
    const prefix = size.servers[0].slice(0, -2);
    const names = (await connection.listTools()).filter(name =>
      name.startsWith(prefix),
    );
    if (names.length !== toolsOf(size)) {
      throw new Error(
        `The portal "${size.portal}" has ${names.length} of ${toolsOf(
          size,
        )} tools; see .data/portal-calls.log`,
      );
    }
  });
}

/** @throws Error what failed last, after two minutes */
async function untilSuccess<T>(work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > deadline) {
        throw error;
      }
      await delay(INTERVAL_MS);
    }
  }
}

/** Makes a personal token, as a user does for an agent. */
async function createToken(
  baseUrl: string,
  userToken: string,
  audience: string,
): Promise<string> {
  const response = await fetch(`${baseUrl}/api/agent-auth/personal-tokens`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${userToken}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      name: 'Benchmark',
      audience,
      scopes: ['tools:read', 'tools:write'],
      limits: {},
      lifetimeSeconds: TOKEN_LIFETIME_SECONDS,
    }),
  });
  if (!response.ok) {
    throw new Error(`No token: ${response.status} ${await response.text()}`);
  }
  const { token } = (await response.json()) as { token: string };
  return token;
}
