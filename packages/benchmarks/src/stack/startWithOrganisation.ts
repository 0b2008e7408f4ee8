import { setTimeout as delay } from 'node:timers/promises';
import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { hashOrganisation } from '../organisation';
import type { DatabaseAddress } from './config';
import { BenchmarkDatabase } from './database';
import type { Child } from './startChild';

const PROGRESS_INTERVAL_MS = 5_000;

/** What is in the catalog. */
export interface Dataset {
  hash: string;
  entities: number;
  /** Seconds from the start of the backend until all was visible, when it was loaded. */
  ingestionSeconds: number;
  databaseBytes: number;
}

/**
 * Starts a backend, and waits until the catalog has the organisation and has
 * come to rest. The database is kept between runs, and loaded only when it does
 * not have the organisation already.
 *
 * @param options.start - starts it; `load` says whether it has to load the
 *   organisation, `user` is one of the organisation's
 * @param options.say - is told what happens while one waits
 */
export async function startWithOrganisation(options: {
  address: DatabaseAddress;
  entities: Entity[];
  start: (how: { load: boolean; user: string }) => Promise<Child>;
  say: (line: string) => void;
}): Promise<{ backend: Child; dataset: Dataset }> {
  const { address, entities, say } = options;
  const hash = hashOrganisation(entities);
  const database = await BenchmarkDatabase.open(address);
  let backend: Child | undefined;
  try {
    const load = (await database.loaded())?.hash !== hash;
    if (load) {
      await database.forget();
    }
    const startedAt = performance.now();
    say(load ? `Loading ${entities.length} entities` : 'Already loaded');
    backend = await options.start({
      load,
      user: stringifyEntityRef(entities.find(({ kind }) => kind === 'User')!),
    });
    await waitUntilComplete({ database, expected: entities.length, say });
    if (load) {
      await database.remember(hash, (performance.now() - startedAt) / 1000);
    }
    return {
      backend,
      dataset: {
        hash,
        entities: entities.length,
        ingestionSeconds: (await database.loaded())!.seconds,
        databaseBytes: await database.size(),
      },
    };
  } catch (error) {
    await backend?.stop();
    throw error;
  } finally {
    await database.close();
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
