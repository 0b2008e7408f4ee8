import type {
  BudgetMatch,
  BudgetSplit,
} from '@prompt-corner/plugin-ai-proxy-common';
import { demandOf } from '../__testUtils__/demands';
import { budgetOf } from '../__testUtils__/TestReplica';
import { BudgetMatcher } from './BudgetMatcher';

const demand = demandOf({
  user: 'ada',
  teams: ['group:default/platform', 'group:default/engineering'],
});

const valuesOf = (
  match: BudgetMatch,
  per: BudgetSplit = 'none',
  changes: Partial<typeof demand> = {},
) =>
  new BudgetMatcher(budgetOf({ name: 'one', match, per })).valuesFor({
    ...demand,
    ...changes,
  });

describe('a budget', () => {
  it('counts each request for whom it is split by', () => {
    expect(valuesOf({}, 'none')).toEqual(['']);
    expect(valuesOf({}, 'user')).toEqual(['ada']);
    expect(valuesOf({}, 'client')).toEqual(['opencode']);
    expect(valuesOf({}, 'connection')).toEqual(['connection-1']);
    expect(valuesOf({}, 'team')).toEqual(demand.teams);
    expect(valuesOf({}, 'team', { teams: [] })).toEqual([]);
    expect(
      valuesOf({}, 'team', { teams: ['group:default/a', 'group:default/a'] }),
    ).toEqual(['group:default/a']);
  });

  it('counts for those teams that it names', () => {
    expect(valuesOf({ teams: ['group:default/plat*'] }, 'team')).toEqual([
      'group:default/platform',
    ]);
    expect(valuesOf({ teams: ['Group:Default/Platform'] })).toEqual(['']);
    expect(valuesOf({ teams: ['group:default/finance'] })).toEqual([]);
  });

  it.each<[BudgetMatch, Partial<typeof demand>]>([
    [{ users: ['ada'] }, { user: 'bob' }],
    [{ kinds: ['user'] }, { kind: 'service' }],
    [{ models: ['gpt-*', 'claude-*'] }, { model: 'my-gpt-5' }],
    [{ providers: ['openai'] }, { provider: 'openai-eu' }],
    [{ clients: ['*code'] }, { client: 'codex' }],
  ])('with %j does not count requests with %j', (match, changes) => {
    expect(valuesOf(match)).toEqual(['']);
    expect(valuesOf(match, 'none', changes)).toEqual([]);
  });

  it('counts what meets all conditions, and one value of each', () => {
    const match = { models: ['a', 'gpt-*'], providers: ['b', 'openai'] };
    expect(valuesOf(match)).toEqual(['']);
    expect(valuesOf({ ...match, clients: ['other'] })).toEqual([]);
  });

  it('that is split by what is not known counts nothing', () => {
    const { user, kind, teams } = demand;
    const open = { user, kind, teams };
    const names = (['user', 'client', 'connection', 'none'] as const).filter(
      per =>
        new BudgetMatcher(
          budgetOf({ name: 'one', per, match: { clients: ['a'] } }),
        ).valuesFor(open).length,
    );
    expect(names).toEqual(['user', 'none']);
  });

  it('takes nothing but * for a wildcard', () => {
    expect(valuesOf({ models: ['gpt-5.5'] })).toEqual(['']);
    expect(
      valuesOf({ models: ['gpt-5.5'] }, 'none', { model: 'gpt-5x5' }),
    ).toEqual([]);
    expect(valuesOf({ models: ['gpt-[5].5'] })).toEqual([]);
    expect(
      valuesOf({ models: ['Gpt-5*'] }, 'none', { model: 'GPT-5.5' }),
    ).toEqual(['']);
    expect(
      valuesOf({ models: ['org/*'] }, 'none', { model: 'org/a/b\nc' }),
    ).toEqual(['']);
  });
});
