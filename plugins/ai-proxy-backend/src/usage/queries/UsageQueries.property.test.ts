import { TestDatabases } from '@backstage/backend-test-utils';
import type {
  UsageDimension,
  UsageEvent,
} from '@prompt-corner/plugin-ai-proxy-common';
import fc from 'fast-check';
import {
  ADA,
  BOB,
  CY,
  eventOf,
  makeTables,
  storeEvents,
} from '../__testUtils__/usageFixture';
import { hourOf } from '../store';
import { UsageQueries } from './UsageQueries';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

const FIRST = Date.UTC(2026, 10, 21);
const HOUR_MS = 3_600_000;

const anyEvent = fc.record({
  at: fc.nat(6 * HOUR_MS).map(ms => new Date(FIRST + ms).toISOString()),
  principal: fc.constantFrom(ADA, BOB, CY),
  teams: fc.constantFrom<string[]>(
    [],
    ['group:a/a'],
    ['group:a/a', 'group:a/b'],
  ),
  model: fc.constantFrom('a', 'b', undefined),
  component: fc.constantFrom('component:a/a', undefined),
  outcome: fc.constantFrom('ok' as const, 'refused' as const),
  costNanoUsd: fc.nat(1_000),
});

const anyDimension = fc.constantFrom<UsageDimension>(
  'principal',
  'team',
  'model',
  'component',
  'outcome',
);

/** The values that an event has in a dimension. */
function valuesOf(event: UsageEvent, dimension: UsageDimension): string[] {
  if (dimension === 'team') {
    return event.teams.length ? event.teams : [''];
  }
  return [(event[dimension as 'model'] as string | undefined) ?? ''];
}

/** Every combination of one of each. */
function combinations(lists: string[][]): string[][] {
  return lists.reduce<string[][]>(
    (all, list) => all.flatMap(some => list.map(value => [...some, value])),
    [[]],
  );
}

describe.each(databases.eachSupportedId())('UsageQueries on %s', databaseId => {
  it('count what one would count by hand, whatever is asked', async () => {
    const database = await databases.init(databaseId);
    await makeTables(database);
    const queries = new UsageQueries({ database });
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyEvent, { minLength: 1, maxLength: 40 }),
        fc.uniqueArray(anyDimension, { maxLength: 3 }),
        fc.option(fc.tuple(anyDimension, fc.nat()), { nil: undefined }),
        fc.tuple(fc.nat(5), fc.nat(5)),
        async (changes, by, filter, [one, other]) => {
          for (const table of [
            'usage_events',
            'usage_by_caller',
            'usage_by_model',
          ]) {
            await database(table).delete();
          }
          const events = changes.map(each => eventOf(each));
          await storeEvents(database, events);
          const [from, to] = [Math.min(one, other), Math.max(one, other) + 1];
          const filters: Partial<Record<UsageDimension, string[]>> = {};
          if (filter) {
            const [dimension, n] = filter;
            filters[dimension] = [
              valuesOf(events[n % events.length], dimension)[0],
            ];
          }

          const expected = new Map<
            string,
            { requests: number; cost: number; users: Set<string> }
          >();
          for (const event of events) {
            const hour = Math.floor((Date.parse(event.at) - FIRST) / HOUR_MS);
            const isMeant = Object.entries(filters).every(
              ([dimension, [value]]) =>
                valuesOf(event, dimension as UsageDimension).includes(value),
            );
            if (hour < from || hour >= to || !isMeant) {
              continue;
            }
            const lists = by.map(dimension =>
              valuesOf(event, dimension).filter(
                value =>
                  dimension !== 'team' ||
                  !filters.team ||
                  filters.team.includes(value),
              ),
            );
            for (const values of combinations(lists)) {
              const key = JSON.stringify(values);
              const sums = expected.get(key) ?? {
                requests: 0,
                cost: 0,
                users: new Set(),
              };
              sums.requests += 1;
              sums.cost += event.costNanoUsd!;
              if (event.outcome === 'ok') {
                sums.users.add(event.principal);
              }
              expected.set(key, sums);
            }
          }

          const first = hourOf(new Date(FIRST));
          const selection = {
            range: { from: first + from, to: first + to },
            filters,
          };
          const { items } = await queries.groups(selection, by, 1_000);
          const counted = items
            .filter(({ requests }) => requests > 0)
            .map(({ key, requests, costNanoUsd, activeUsers }) => {
              const values = JSON.stringify(by.map(each => key[each]));
              const users = expected.get(values)?.users.size;
              return [values, requests, costNanoUsd, activeUsers ?? users];
            });
          expect(counted.sort()).toEqual(
            [...expected]
              .map(([key, { requests, cost, users }]) => [
                key,
                requests,
                cost,
                users.size,
              ])
              .sort(),
          );
        },
      ),
      { numRuns: 40 },
    );
  });
});
