import type { BudgetRefusal } from '@prompt-corner/plugin-ai-proxy-common';
import fc from 'fast-check';
import { DEMANDS, LIMITS, stories } from './__testUtils__/stories';
import { settled } from './__testUtils__/TestReplica';
import { take, takenOf, World } from './__testUtils__/World';
import type { Amount } from './amounts';

jest.setTimeout(3_600_000);

/** Each takes some 30 ms. For more of them: `BUDGET_RUNS=10000`. */
const RUNS = Number(process.env.BUDGET_RUNS ?? 500);

describe('budgets of several replicas', () => {
  it('are never exceeded by more than requests exceed what was reserved for them, whatever fails when', async () => {
    await fc.assert(
      fc.asyncProperty(stories, async story => {
        const world = new World(story);
        for (const step of story.steps) {
          await take(world, step);
          world.assertWithinLimits();
        }
        await world.calm();
        world.assertWithinLimits();
        expect(world.store.underWay).toBe(0);
      }),
      { numRuns: RUNS },
    );
  });

  it('can be used up to the last token by any replica, but for what replicas had leased that are gone', async () => {
    await fc.assert(
      fc.asyncProperty(
        stories,
        fc.nat({ max: 1 }),
        fc.nat({ max: 1 }),
        async (story, index, who) => {
          const world = new World(story);
          for (const step of story.steps) {
            await take(world, step);
          }
          await world.calm();
          // All that is left for one user of one budget after the other.
          const replica = world.replicas[index];
          const nowMs = replica.time.now();
          const accounts = replica.book.accountsFor(DEMANDS[who]);
          const buckets = world.bucketsOf(DEMANDS[who], nowMs);
          const left = accounts.map((account, at) => {
            const { id } = account.bucketAt(nowMs);
            return (
              LIMITS[account.active.budget.name] -
              takenOf(world, buckets[at], id)
            );
          });
          const isCounted = (unit: string) =>
            accounts.some(({ active }) => active.budget.unit === unit);
          const smallest = (unit: string) =>
            isCounted(unit)
              ? Math.max(
                  0,
                  Math.min(
                    ...left.filter(
                      (_, at) => accounts[at].active.budget.unit === unit,
                    ),
                  ),
                )
              : 0;
          const rest = {
            nanoUsd: smallest('usd'),
            tokens: smallest('tokens'),
            requests: smallest('requests'),
          };
          const ask = async (amount: Amount) => {
            const outcome = Promise.resolve(
              replica.budgets.reserve(DEMANDS[who], amount),
            );
            await settled();
            await world.calm();
            return outcome;
          };
          for (const [unit, field] of [
            ['usd', 'nanoUsd'],
            ['tokens', 'tokens'],
            ['requests', 'requests'],
          ] as const) {
            const more = isCounted(unit)
              ? await ask({ ...rest, [field]: rest[field] + 1 })
              : { kind: 'refusal', status: 429 };
            expect(more).toMatchObject({ kind: 'refusal', status: 429 });
            expect((more as BudgetRefusal).reason).not.toBe('unavailable');
          }
          const all = await ask(rest);
          expect(all.kind).toBe('reservation');
        },
      ),
      { numRuns: RUNS / 2 },
    );
  });
});
