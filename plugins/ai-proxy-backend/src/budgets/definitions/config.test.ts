import { ConfigReader } from '@backstage/config';
import { readBudgetsConfig } from './config';

const budget = {
  name: 'team-month',
  unit: 'usd',
  limit: 100,
  window: 'month',
  per: 'team',
};

const read = (aiProxy: object) =>
  readBudgetsConfig(new ConfigReader({ aiProxy } as never));

describe('the configuration of budgets', () => {
  it('is empty by default, and denies without a database', () => {
    expect(readBudgetsConfig(new ConfigReader({}))).toEqual({
      budgets: [],
      withoutDatabase: 'deny',
    });
  });

  it('has defaults', () => {
    const { budgets } = read({
      budgets: [
        budget,
        { ...budget, name: 'rate', window: 'minute', alerts: undefined },
        { ...budget, name: 'told', alerts: [100, 90, 100] },
      ],
    });
    expect(budgets).toEqual([
      {
        ...budget,
        timeZone: 'UTC',
        match: {},
        alerts: [50, 80, 100],
        soft: false,
        notify: [],
      },
      expect.objectContaining({ name: 'rate', alerts: [] }),
      expect.objectContaining({ name: 'told', alerts: [90, 100] }),
    ]);
  });

  it.each([
    [{ unit: 'eur' }, 'budgets[0].unit'],
    [{ limit: 0 }, 'budgets[0].limit'],
    [{ limit: '100' }, 'budgets[0].limit'],
    [{ limit: 2_000_000 }, 'budgets[0].limit: is at most 1000000 US dollars'],
    [{ unit: 'tokens', limit: 1.5 }, 'budgets[0].limit: is a whole number'],
    [{ window: 'year' }, 'budgets[0].window'],
    [{ timeZone: 'Mars/Base' }, 'budgets[0].timeZone: is no time zone'],
    [{ per: 'model' }, 'budgets[0].per'],
    [{ match: { user: ['x'] } }, 'budgets[0].match'],
    [{ match: { users: ['ada'] } }, 'budgets[0].match.users.0: is neither'],
    [{ match: { teams: ['platform'] } }, 'budgets[0].match.teams.0'],
    [{ alerts: [120] }, 'budgets[0].alerts.0'],
    [{ notify: ['platform'] }, 'budgets[0].notify.0'],
    [{ name: 'a b' }, 'budgets[0].name'],
    [{ name: 'connection' }, 'budgets[0].name: is the name of the budgets'],
    [{ sooft: true }, 'budgets[0]'],
  ])('cannot have %j', (changes, message) => {
    expect(() => read({ budgets: [{ ...budget, ...changes }] })).toThrow(
      `aiProxy.${message}`,
    );
  });

  it('cannot have a name twice, or another switch', () => {
    expect(() => read({ budgets: [budget, budget] })).toThrow(
      'aiProxy.budgets has the name "team-month" twice',
    );
    expect(() => read({ budgets: {} })).toThrow('aiProxy.budgets has to be');
    expect(() => read({ budgetsWithoutDatabase: 'maybe' })).toThrow(
      'aiProxy.budgetsWithoutDatabase has to be deny or allow',
    );
    expect(read({ budgetsWithoutDatabase: 'allow' }).withoutDatabase).toBe(
      'allow',
    );
  });
});
