import { McpConnection } from '../client/McpConnection';
import { LARGE, PortalSize, toolsOf, USUAL } from '../sizes';
import { Probe } from '../../probe/Probe';
import {
  createPersonalToken,
  DatabaseAddress,
  replaceDatabase,
  signIn,
  startChild,
  untilSuccess,
} from '../../stack';
import { USER_REF } from './entities';
import type { BackendOptions } from './process';

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
            tokens.push(
              await createPersonalToken(baseUrl, userToken, {
                audience: endpoint(size),
                scopes: ['tools:read', 'tools:write'],
              }),
            );
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
