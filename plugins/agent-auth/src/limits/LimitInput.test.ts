import { fromGrantLimits, noLimits, toGrantLimits } from './LimitInput';

describe('limits in form fields', () => {
  it('takes names apart however they were separated, each once', () => {
    expect(
      toGrantLimits({ ...noLimits, servers: ' github,, jira\ngithub  git*' }, [
        'servers',
      ]),
    ).toEqual({ servers: ['github', 'jira', 'git*'] });
  });

  it('means no limit by an empty field, not a limit to nothing', () => {
    expect(
      toGrantLimits({ servers: ' , ', models: '' }, [
        'servers',
        'models',
        'budget',
      ]),
    ).toEqual({});
  });

  it('reads only the fields that the resource has', () => {
    const input = { servers: 'a', models: 'b', budgetUsdPerDay: 3 };
    expect(toGrantLimits(input, ['models'])).toEqual({ models: ['b'] });
  });

  it('shows earlier limits so that they are read as the same ones', () => {
    const limits = {
      servers: ['a', 'b'],
      models: ['c*'],
      budgetUsdPerDay: 0.5,
    };
    expect(
      toGrantLimits(fromGrantLimits(limits), ['servers', 'models', 'budget']),
    ).toEqual(limits);
  });
});
