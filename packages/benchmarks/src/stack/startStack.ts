import type { Entity } from '@backstage/catalog-model';
import type { BackendOptions } from './backend';
import type { DatabaseAddress } from './config';
import { startChild } from './startChild';
import { Dataset, startWithOrganisation } from './startWithOrganisation';
import { createPersonalToken, signIn } from './tokens';

/** A running backend that has the organisation in its catalog. */
export interface Stack {
  baseUrl: string;
  /** A user's token, which the peers take. */
  userToken: string;
  /** The same user's token for agents, which our own server takes; absent without it. */
  agentToken?: string;
  dataset: Dataset;
  stop(): Promise<void>;
}

/**
 * Starts a backend that has every contender in it, in a process of its own.
 * Its log is in `.data/backend.log`.
 *
 * @param options.entities - the organisation, generated at `options.scale`
 * @param options.ownPlugins - whether to install our own plugins too
 * @param options.permissions - whether the permission framework decides on each request
 * @param options.say - is told what happens while one waits
 */
export async function startStack(options: {
  address: DatabaseAddress;
  entities: Entity[];
  scale: number;
  ownPlugins: boolean;
  permissions: boolean;
  say: (line: string) => void;
}): Promise<Stack> {
  const { address, entities, scale, ownPlugins, permissions, say } = options;
  const { backend, dataset } = await startWithOrganisation({
    address,
    entities,
    say,
    start: ({ load, user }) =>
      startChild<BackendOptions>({
        entry: 'src/stack/backend.ts',
        log: 'backend.log',
        tell: { database: address, scale, load, user, permissions, ownPlugins },
      }),
  });
  try {
    const { baseUrl, inDevelopment, stop } = backend;
    const userToken = await signIn(baseUrl);
    return {
      baseUrl,
      userToken,
      agentToken: ownPlugins
        ? await inDevelopment(() =>
            createPersonalToken(baseUrl, userToken, {
              audience: `${baseUrl}/api/catalog-mcp/v1`,
              scopes: ['catalog:read'],
            }),
          )
        : undefined,
      dataset,
      stop,
    };
  } catch (error) {
    await backend.stop();
    throw error;
  }
}
