import { choosePlace } from './choosePlace';

const OPTIONS = { executionsPerProcess: 4, processesPerPrincipal: 4 };

const process = (changes: object) => ({
  principal: undefined,
  executions: 0,
  isWorn: false,
  isRetired: false,
  ...changes,
});

describe('choosePlace', () => {
  it('gives a worn process to its own principal only', () => {
    const worn = process({ principal: 'ada', isWorn: true });
    expect(choosePlace([worn], 'ada', OPTIONS)).toBe(worn);
    expect(choosePlace([worn], 'bob', OPTIONS)).toBeUndefined();
    const fresh = process({});
    expect(choosePlace([fresh, worn], 'bob', OPTIONS)).toBe(fresh);
    expect(choosePlace([fresh, worn], 'ada', OPTIONS)).toBe(worn);
  });
});
