import type { Budget } from '@prompt-corner/plugin-ai-proxy-common';
import fc from 'fast-check';
import type { Amount } from '../amounts';
import type { Demand } from '../matching';
import type { Fate } from './MemoryLeaseStore';
import { budgetOf } from './TestReplica';

const HOUR_MS = 3_600_000;

/** One budget for all, where everything meets; or several, which all have to agree. */
export type Scenario = 'one' | 'several';

export const BUDGETS: Record<Scenario, Budget[]> = {
  one: [budgetOf({ name: 'all', limit: 30, window: 'day' })],
  several: [
    budgetOf({ name: 'all', limit: 30, window: 'day' }),
    budgetOf({
      name: 'team',
      unit: 'tokens',
      limit: 400,
      window: 'hour',
      per: 'team',
    }),
    budgetOf({
      name: 'user',
      unit: 'usd',
      limit: 300e-9,
      window: 'day',
      per: 'user',
    }),
  ],
};
export const LIMITS: Record<string, number> = { all: 30, team: 400, user: 300 };

export const DEMANDS: Demand[] = [
  { user: 'ada', teams: ['group:default/a', 'group:default/all'] },
  { user: 'bob', teams: ['group:default/b', 'group:default/all'] },
].map(({ user, teams }) => ({
  user,
  teams,
  kind: 'user',
  client: 'opencode',
  connectionId: `of-${user}`,
  provider: 'openai',
  model: 'gpt',
}));

/** What happens, in a world where everything that may go wrong goes wrong. */
export type Step = {
  replica: number;
  /** Of questions to the store that come of it; undefined when that is decided later. */
  fate?: Fate;
} & (
  | { type: 'reserve'; who: number; amount: Amount }
  | { type: 'settle'; which: number; percent: number }
  | { type: 'tick' | 'cut' | 'heal' | 'crash' | 'stop' }
  | { type: 'decide'; which: number }
  | { type: 'wait'; ms: number }
  | { type: 'skew'; ms: number }
);

const fates = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Fate>('answered') },
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant<Fate>('lost') },
  { weight: 1, arbitrary: fc.constant<Fate>('unanswered') },
  { weight: 2, arbitrary: fc.constant<Fate>('late') },
);

function stepsOf(replicas: number, overruns: boolean): fc.Arbitrary<Step[]> {
  const kinds: Array<[number, Record<string, fc.Arbitrary<unknown>>]> = [
    [
      12,
      {
        type: fc.constant('reserve'),
        who: fc.nat({ max: DEMANDS.length - 1 }),
        amount: fc.record({
          nanoUsd: fc.nat({ max: 120 }),
          tokens: fc.nat({ max: 150 }),
          requests: fc.integer({ min: 1, max: 8 }),
        }),
      },
    ],
    [
      6,
      {
        type: fc.constant('settle'),
        which: fc.nat(),
        percent: overruns
          ? fc.constantFrom(0, 50, 100, 130, 300)
          : fc.constantFrom(0, 10, 50, 100),
      },
    ],
    [8, { type: fc.constant('tick') }],
    [6, { type: fc.constant('decide'), which: fc.nat() }],
    [1, { type: fc.constantFrom('cut', 'heal', 'heal') }],
    [1, { type: fc.constantFrom('crash', 'stop') }],
    [
      1,
      {
        type: fc.constant('wait'),
        ms: fc.constantFrom(500, 500, 12_000, 12_000, HOUR_MS / 2),
      },
    ],
    [
      1,
      {
        type: fc.constant('skew'),
        ms: fc.constantFrom(200, 90_000, 2 * HOUR_MS),
      },
    ],
  ];
  const step = fc.oneof(
    ...kinds.map(([weight, fields]) => ({
      weight,
      arbitrary: fc.record({
        replica: fc.nat({ max: replicas - 1 }),
        fate: fates,
        ...fields,
      }) as fc.Arbitrary<any>,
    })),
  );
  return fc.array(step, { minLength: 20, maxLength: 100, size: 'max' });
}

/** A run of a world. */
export interface Story {
  scenario: Scenario;
  replicas: number;
  steps: Step[];
}

export const stories: fc.Arbitrary<Story> = fc
  .record({
    scenario: fc.constantFrom<Scenario>('one', 'one', 'several'),
    replicas: fc.integer({ min: 2, max: 3 }),
    overruns: fc.constantFrom(false, false, true),
  })
  .chain(({ scenario, replicas, overruns }) =>
    fc.record({
      scenario: fc.constant(scenario),
      replicas: fc.constant(replicas),
      steps: stepsOf(replicas, overruns),
    }),
  );
