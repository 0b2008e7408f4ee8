import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { demandOf, requests } from './__testUtils__/demands';
import { migrate } from '../database/migrate';
import { budgetOf, startReplica } from './__testUtils__/TestReplica';
import { BucketReader } from './buckets';
import { DatabaseLeaseStore } from './leases';

jest.setTimeout(120_000);

/** Some seconds of work for two: neither can use it up while the other starts, or waits for the database. */
const LIMIT = 20_000;
const PARALLEL = 5;

const databases = TestDatabases.create({ ids: ['POSTGRES_15'] });

/** Starts a process that makes requests; see `spender.ts`. */
function startSpender(database: Knex) {
  const child = spawn(
    process.execPath,
    [
      '--require',
      require.resolve('@backstage/cli/config/nodeTransform.cjs'),
      join(__dirname, '__testUtils__', 'spender.ts'),
      JSON.stringify({
        connection: database.client.config.connection,
        limit: LIMIT,
        parallel: PARALLEL,
      }),
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  let output = '';
  const waiting: Array<() => void> = [];
  child.stdout.on('data', chunk => {
    output += chunk;
    waiting.forEach(check => check());
  });
  const count = (word: string) => output.split(`${word}\n`).length - 1;
  const closed = once(child, 'close');
  return {
    count,
    closed,
    go: () => child.stdin.write('go\n'),
    signal: (signal: NodeJS.Signals) => child.kill(signal),
    reached: (word: string, times: number) =>
      new Promise<void>((resolve, reject) => {
        const check = () => count(word) >= times && resolve();
        waiting.push(check);
        check();
        closed.then(() =>
          reject(new Error(`It ended before it had ${word} ${times} times`)),
        );
      }),
  };
}

describe.each(databases.eachSupportedId())('a process (%s)', databaseId => {
  it('that is killed takes no more with it than it had leased, and nobody spends more than the limit', async () => {
    const database = await databases.init(databaseId);
    await migrate(database);
    const killed = startSpender(database);
    const other = startSpender(database);
    await Promise.all([killed.reached('ready', 1), other.reached('ready', 1)]);
    killed.go();
    other.go();
    await Promise.all([
      killed.reached('settled', 150),
      other.reached('settled', 20),
    ]);
    killed.signal('SIGKILL');
    await killed.closed;
    const last = startSpender(database);
    last.go();
    expect(await Promise.all([other.closed, last.closed])).toEqual([
      [0, null],
      [0, null],
    ]);

    // Of the killed one, nobody knows what became of what it asked for last.
    const unsettled = killed.count('asked') - killed.count('settled');
    expect(unsettled).toBeLessThanOrEqual(PARALLEL);
    const spentByKilled = killed.count('settled') * 2 + unsettled * 3;
    const spentByOthers = (other.count('asked') + last.count('asked')) * 2;
    expect(other.count('asked')).toBe(other.count('settled'));
    expect(spentByKilled + spentByOthers).toBeLessThanOrEqual(LIMIT);

    const leases = await database('budget_leases').select('granted', 'spent');
    const granted = leases
      .map(lease => Number(lease.granted))
      .reduce((sum, amount) => sum + amount, 0);
    const spent = leases
      .map(lease => Number(lease.spent))
      .reduce((sum, amount) => sum + amount, 0);
    expect(granted).toBeLessThanOrEqual(LIMIT);
    // The others have used everything that the killed one had not leased, but for less than a request.
    expect(granted).toBeGreaterThan(LIMIT - 3);
    const { items } = await new BucketReader({ database }).list(
      {},
      { limit: 10, nowMs: Date.now() + 60_000 },
    );
    expect(items).toMatchObject([
      { limit: LIMIT, spent, unaccounted: granted - spent },
    ]);
    expect(spentByKilled).toBeLessThanOrEqual(LIMIT - spentByOthers);
  });

  it('that ends as it should leaves everything to others', async () => {
    const database = await databases.init(databaseId);
    await migrate(database);
    const spender = startSpender(database);
    spender.go();
    await spender.reached('settled', 50);
    spender.signal('SIGTERM');
    await spender.closed;
    expect(spender.count('stopped')).toBe(1);
    const left = LIMIT - spender.count('settled') * 2;
    const { budgets, keeper } = startReplica({
      store: new DatabaseLeaseStore({ database }),
      budgets: [budgetOf({ name: 'all', limit: LIMIT, window: 'month' })],
    });
    await keeper.tick();
    expect(await budgets.reserve(demandOf(), requests(left + 1))).toMatchObject(
      { kind: 'refusal' },
    );
    expect(await budgets.reserve(demandOf(), requests(left))).toMatchObject({
      kind: 'reservation',
    });
  });
});
