import { TestDatabases } from '@backstage/backend-test-utils';
import fc from 'fast-check';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import {
  ADA,
  BOB,
  eventOf,
  makeTables,
  NO_TOKENS,
  storeEvents,
} from '../__testUtils__/usageFixture';
import { DatabaseUsageStore } from './DatabaseUsageStore';
import { storableEvent } from './EventRow';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

/** Rows with numbers where PostgreSQL has texts, and without what is 0 or null. */
async function rowsOf(database: Knex, table: string) {
  const rows: Array<Record<string, unknown>> = await database(table);
  return rows.map(row =>
    Object.fromEntries(
      Object.entries(row)
        .map(([column, value]) => [
          column,
          typeof value === 'string' && /^\d{1,15}$/.test(value)
            ? Number(value)
            : value,
        ])
        .filter(([, value]) => value !== 0 && value !== null),
    ),
  );
}

describe.each(databases.eachSupportedId())(
  'DatabaseUsageStore on %s',
  databaseId => {
    async function start() {
      const database = await databases.init(databaseId);
      await makeTables(database);
      return database;
    }

    it('makes its tables, removes them, and makes them again', async () => {
      const database = await start();
      const [tables, ...changes] = [
        '20261122010300_usage',
        '20261122010600_usage_detectors',
        '20261122010700_usage_expiry',
      ].map(name => require(`../../../migrations/${name}.js`));
      for (const change of changes.toReversed()) {
        await change.down(database);
      }
      await tables.down(database);
      expect(await database.schema.hasTable('usage_events')).toBe(false);
      await tables.up(database);
      for (const change of changes) {
        await change.up(database);
      }
      expect(await storeEvents(database, [eventOf()])).toBe(1);
    });

    it('adds up the events of an hour by who sent them, and all together', async () => {
      const database = await start();
      await storeEvents(database, [
        eventOf(),
        eventOf({ at: '2026-11-21T08:59:59.999Z', component: 'component:a/b' }),
      ]);
      await storeEvents(database, [
        eventOf({ latencyMs: 20 }),
        eventOf({ principal: BOB }),
        eventOf({ at: '2026-11-21T09:00:00.000Z' }),
      ]);
      const hour = Date.UTC(2026, 10, 21, 8) / 3_600_000;
      const byCaller = await rowsOf(database, 'usage_by_caller');
      expect(
        byCaller.map(row => [row.hour, row.principal, row.requests]).sort(),
      ).toEqual([
        [hour, ADA, 1],
        [hour, ADA, 2],
        [hour, BOB, 1],
        [hour + 1, ADA, 1],
      ]);
      const byModel = await rowsOf(database, 'usage_by_model');
      expect(byModel.find(row => row.hour === hour)).toEqual({
        hour,
        series: expect.anything(),
        requests: 4,
        attempts: 4,
        streamed: 4,
        input_tokens: 400,
        cache_read_tokens: 1_200,
        output_tokens: 200,
        reasoning_tokens: 80,
        cost_nano_usd: 4_000,
        saved_nano_usd: 12_000,
        latency_0: 1,
        latency_12: 3,
        first_byte_8: 4,
      });
    });

    it('counts an event once, however often it is stored', async () => {
      const database = await start();
      const [first, second] = [eventOf(), eventOf()];
      expect(await storeEvents(database, [first, first])).toBe(1);
      expect(await storeEvents(database, [first, second])).toBe(1);
      expect(await storeEvents(database, [second])).toBe(0);
      const [row] = await rowsOf(database, 'usage_by_model');
      expect(row.requests).toBe(2);
      expect(await database('usage_events')).toHaveLength(2);
    });

    it('tells what is free from what has no price, and what is estimated', async () => {
      const database = await start();
      const prices = { costNanoUsd: null, undiscountedNanoUsd: null };
      await storeEvents(database, [
        eventOf(prices),
        eventOf({ ...prices, tokens: NO_TOKENS, usageSource: 'none' }),
        eventOf({ outcome: 'ok', costNanoUsd: 0, usageSource: 'partial' }),
        eventOf({ usageSource: 'estimated', undiscountedNanoUsd: null }),
      ]);
      expect(await rowsOf(database, 'usage_by_model')).toMatchObject([
        {
          requests: 4,
          unpriced: 1,
          estimated: 2,
          cost_nano_usd: 1_000,
          saved_nano_usd: 4_000,
        },
      ]);
    });

    it('adds up sessions, and keeps when they began and ended', async () => {
      const database = await start();
      const session = 'session-1';
      await storeEvents(database, [
        eventOf({ session, at: '2026-11-21T08:20:00.000Z' }),
      ]);
      await storeEvents(database, [
        eventOf({ session, at: '2026-11-21T08:10:00.000Z' }),
        eventOf({ session, at: '2026-11-21T08:40:00.000Z' }),
        eventOf({ session, principal: BOB }),
        eventOf(),
      ]);
      const rows = await rowsOf(database, 'usage_sessions');
      expect(rows).toHaveLength(2);
      const ada = rows.find(row => row.principal === ADA)!;
      expect(ada).toMatchObject({ requests: 3, tokens: 1_350 });
      expect(
        [ada.first_at, ada.last_at].map(at => new Date(at as any)),
      ).toEqual([
        new Date('2026-11-21T08:10:00.000Z'),
        new Date('2026-11-21T08:40:00.000Z'),
      ]);
    });

    it('stores what clients make up, as far as it fits', async () => {
      const database = await start();
      const odd = eventOf({
        model: `nul\0 and half a \uD83D character`,
        session: 's'.repeat(1_000),
        component: 'c'.repeat(10_000),
        status: 1e12,
        latencyMs: Number.NaN,
        costNanoUsd: 1.5,
      });
      expect(await storeEvents(database, [odd])).toBe(1);
      const [series] = await database('usage_series').whereNot('component', '');
      expect(series.model).toBe('nul\uFFFD and half a \uFFFD character');
      expect(series.component).toHaveLength(256);
      expect(() => storableEvent(eventOf({ at: 'noon' }))).toThrow(
        '"noon" is no time',
      );
    });

    it('stores nothing of a batch that fails', async () => {
      const database = await start();
      await database.schema.dropTable('usage_sessions');
      await expect(
        storeEvents(database, [eventOf({ session: 'a' })]),
      ).rejects.toThrow('usage_sessions');
      expect(await database('usage_events')).toEqual([]);
      expect(await database('usage_by_caller')).toEqual([]);
    });

    it('adds up exactly, whatever batches events come in, twice or at the same time', async () => {
      const database = await start();
      const store = new DatabaseUsageStore({ database });
      const event = fc.record({
        at: fc.constantFrom(
          '2026-11-21T08:15:00.000Z',
          '2026-11-21T09:15:00.000Z',
        ),
        principal: fc.constantFrom(ADA, BOB),
        model: fc.constantFrom('a', 'b', undefined),
        outcome: fc.constantFrom('ok' as const, 'failed' as const),
        teams: fc.constantFrom<string[]>([], ['group:a/a'], ['group:a/b']),
        session: fc.constantFrom('s', 't', undefined),
        costNanoUsd: fc.option(fc.nat(1e12)),
        latencyMs: fc.nat(1e7),
      });
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(event, { minLength: 1, maxLength: 12 }), {
            minLength: 1,
            maxLength: 5,
          }),
          fc.nat(),
          async (batches, repeated) => {
            for (const table of [
              'usage_events',
              'usage_by_caller',
              'usage_by_model',
              'usage_sessions',
            ]) {
              await database(table).delete();
            }
            const all = batches.map(batch =>
              batch.map(changes => eventOf({ ...changes, id: randomUUID() })),
            );
            await Promise.all(
              [...all, all[repeated % all.length]].map(batch =>
                store.write(batch.map(storableEvent)),
              ),
            );
            const events = all.flat();
            const cost = events.reduce(
              (sum, { costNanoUsd }) => sum + (costNanoUsd ?? 0),
              0,
            );
            for (const table of ['usage_by_caller', 'usage_by_model']) {
              const rows = await rowsOf(database, table);
              const sum = (column: string) =>
                rows.reduce(
                  (total, row) => total + Number(row[column] ?? 0),
                  0,
                );
              const timed = Object.keys(rows[0]).length
                ? rows
                    .flatMap(row => Object.entries(row))
                    .filter(([column]) => column.startsWith('latency_'))
                    .reduce((total, [, value]) => total + Number(value), 0)
                : 0;
              expect([sum('requests'), sum('cost_nano_usd'), timed]).toEqual([
                events.length,
                cost,
                events.length,
              ]);
            }
            const sessions = await rowsOf(database, 'usage_sessions');
            expect(
              sessions.reduce((total, row) => total + Number(row.requests), 0),
            ).toBe(events.filter(({ session }) => session).length);
          },
        ),
        { numRuns: 40 },
      );
    });
  },
);
