import { randomBytes } from 'node:crypto';
import { stringifyEntityRef } from '@backstage/catalog-model';
import {
  Dataset,
  DatabaseAddress,
  signIn,
  startChild,
  startWithOrganisation,
} from '../stack';
import type { BackendOptions } from './backend';
import { insertGrants } from './insertGrants';
import { CHECK_PATH } from './load/protocol';
import { createPeople } from './people';

/** A running backend whose users have grants that it has not seen yet. */
export interface Replica {
  /** Of the plugin that checks tokens. */
  url: string;
  /** Backstage token of an administrator. */
  userToken: string;
  /** See `grantAt`. */
  seed: string;
  dataset: Dataset & { users: number; grants: number };
  stop(): Promise<void>;
}

/**
 * Starts a replica in a process of its own, with its log in
 * `.data/token-checks.log`, and gives every user the same number of grants.
 *
 * @param options.users - of the catalog
 * @param options.grants - of each user
 * @param options.say - is told what happens while one waits
 */
export async function startReplica(options: {
  address: DatabaseAddress;
  users: number;
  grants: number;
  say: (line: string) => void;
}): Promise<Replica> {
  const { address, users, say } = options;
  const entities = createPeople(users);
  const grants = users * options.grants;
  const seed = randomBytes(32).toString('hex');
  const { backend, dataset } = await startWithOrganisation({
    address,
    entities,
    say,
    start: ({ load, user }) =>
      startChild<BackendOptions>({
        entry: 'src/tokenChecks/backend.ts',
        log: 'token-checks.log',
        tell: {
          database: address,
          load,
          user,
          permissions: true,
          users,
          grants,
          seed,
        },
      }),
  });
  try {
    const url = `${backend.baseUrl}/api/catalog-mcp`;
    say(`Inserting ${grants} grants`);
    await insertGrants({
      address,
      users: entities
        .filter(({ kind }) => kind === 'User')
        .map(stringifyEntityRef),
      grants: options.grants,
      audience: `${url}${CHECK_PATH}`,
      seed,
    });
    return {
      url,
      userToken: await signIn(backend.baseUrl),
      seed,
      dataset: { ...dataset, users, grants },
      stop: backend.stop,
    };
  } catch (error) {
    await backend.stop();
    throw error;
  }
}
