import { TestDatabases } from '@backstage/backend-test-utils';
import fc from 'fast-check';
import type { Knex } from 'knex';
import { createAudit, recordOf, testClock } from './__testUtils__/auditFixture';
import type { Head } from './chain';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

/** What happens to three processes that write. */
type Step =
  | { type: 'append'; process: number; count: number }
  | { type: 'together'; count: number }
  | { type: 'restart'; process: number }
  | { type: 'nextDay' };

const processIndex = fc.nat({ max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('append' as const),
      process: processIndex,
      count: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('together' as const),
      count: fc.integer({ min: 2, max: 9 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('restart' as const),
      process: processIndex,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('nextDay' as const) }),
  },
);

const RECORD_CHANGES: Record<string, (value: any) => unknown> = {
  record: value => value.replace('tool-', 'tool+'),
  previous_hash: flipped,
  hash: flipped,
  at: value => new Date(new Date(value).getTime() + 1),
  caller: () => 'somebody-else',
  outcome: () => 'denied',
  target: () => null,
  seq: value => value + 1_000,
  day: () => '2026-10-01',
  writer: () => 'nobody',
};

const CHAIN_CHANGES: Record<string, (value: any) => unknown> = {
  seq: value => value - 1,
  hash: flipped,
  mac: flipped,
  opening: value => `${value} `,
  key_id: () => 'another',
  expired_at: () => new Date('2026-11-30'),
  day: () => '2026-10-01',
  writer: () => 'nobody',
};

/** One act of somebody who can write to the database and does not have the key. */
type Tampering =
  | { type: 'changeRecord'; at: number; column: string }
  | { type: 'removeRecord'; at: number }
  | { type: 'copyRecord'; at: number; seq: number }
  | { type: 'swapRecords'; at: number; and: number }
  | { type: 'changeChain'; at: number; column: string }
  | { type: 'removeChainRow'; at: number }
  | { type: 'removeCarriedChain'; at: number };

const at = fc.nat();
const tampering: fc.Arbitrary<Tampering> = fc.oneof(
  fc.record({
    type: fc.constant('changeRecord' as const),
    at,
    column: fc.constantFrom(...Object.keys(RECORD_CHANGES)),
  }),
  fc.record({ type: fc.constant('removeRecord' as const), at }),
  fc.record({
    type: fc.constant('copyRecord' as const),
    at,
    seq: fc.constantFrom(-5, 0, 500),
  }),
  fc.record({ type: fc.constant('swapRecords' as const), at, and: at }),
  fc.record({
    type: fc.constant('changeChain' as const),
    at,
    column: fc.constantFrom(...Object.keys(CHAIN_CHANGES)),
  }),
  fc.record({ type: fc.constant('removeChainRow' as const), at }),
  fc.record({ type: fc.constant('removeCarriedChain' as const), at }),
);

function flipped(hex: string): string {
  return (hex[0] === '0' ? '1' : '0') + hex.slice(1);
}

const keyOf = ({ day, writer, seq }: Head) => ({ day, writer, seq });

/** @returns false when there is nothing that this could be done to */
async function tamper(database: Knex, act: Tampering): Promise<boolean> {
  const rows = await database('audit_records').orderBy([
    'day',
    'writer',
    'seq',
  ]);
  const chains = await database('audit_chains').orderBy(['day', 'writer']);
  const row = rows[act.at % rows.length];
  const chain = chains[act.at % chains.length];
  const ofChain = { day: chain.day, writer: chain.writer };
  switch (act.type) {
    case 'changeRecord':
      await database('audit_records')
        .where(keyOf(row))
        .update({ [act.column]: RECORD_CHANGES[act.column](row[act.column]) });
      return true;
    case 'removeRecord':
      await database('audit_records').where(keyOf(row)).delete();
      return true;
    case 'copyRecord':
      await database('audit_records').insert({ ...row, seq: act.seq });
      return true;
    case 'swapRecords': {
      const other = rows[act.and % rows.length];
      if (other === row) {
        return false;
      }
      await database('audit_records').where(keyOf(row)).delete();
      await database('audit_records').where(keyOf(other)).delete();
      await database('audit_records').insert({ ...row, ...keyOf(other) });
      await database('audit_records').insert({ ...other, ...keyOf(row) });
      return true;
    }
    case 'changeChain':
      await database('audit_chains')
        .where(ofChain)
        .update({ [act.column]: CHAIN_CHANGES[act.column](chain[act.column]) });
      return true;
    case 'removeChainRow':
      await database('audit_chains').where(ofChain).delete();
      return true;
    default: {
      // One that no other chain has seen can go unseen, until it is kept elsewhere.
      const carried = chains
        .flatMap(({ opening }) => JSON.parse(opening) as Head[])
        .map(({ day, writer }) => ({ day, writer }));
      if (!carried.length) {
        return false;
      }
      const gone = carried[act.at % carried.length];
      await database('audit_records').where(gone).delete();
      await database('audit_chains').where(gone).delete();
      return true;
    }
  }
}

describe.each(databases.eachSupportedId())('Verification on %s', databaseId => {
  it('finds any one tampering in any history, and never complains of a history alone', async () => {
    const database = await databases.init(databaseId);
    await createAudit(database);
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 15 }),
        tampering,
        async (steps, act) => {
          await database('audit_records').delete();
          await database('audit_chains').delete();
          const { clock, setTo } = testClock();
          const { newTrail, verify } = await createAudit(database, { clock });
          const processes = [newTrail(), newTrail(), newTrail()];
          let written = 0;
          const append = (index: number) => {
            written += 1;
            return processes[index].append(
              recordOf({ target: `tool-${written}` }),
            );
          };
          await append(0);
          for (const each of steps) {
            if (each.type === 'append') {
              for (let n = 0; n < each.count; n += 1) {
                await append(each.process);
              }
            } else if (each.type === 'together') {
              await Promise.all(
                Array.from({ length: each.count }, (_, n) => append(n % 3)),
              );
            } else if (each.type === 'restart') {
              processes[each.process] = newTrail();
            } else {
              setTo(new Date(clock().getTime() + 86_400_000).toISOString());
            }
          }
          expect(await verify()).toMatchObject({
            problems: [],
            result: { ok: true, records: written },
          });
          fc.pre(await tamper(database, act));
          expect((await verify()).problems).not.toEqual([]);
        },
      ),
      { numRuns: databaseId === 'SQLITE_3' ? 150 : 30 },
    );
  });
});
