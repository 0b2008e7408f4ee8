import { formatUserCode, isCompleteUserCode } from './userCode';

describe('user codes', () => {
  it.each([
    ['', ''],
    ['bcd', 'BCD'],
    ['bcdf', 'BCDF'],
    ['bcdf-', 'BCDF'],
    ['bcdfg', 'BCDF-G'],
    [' bcdf ghjk ', 'BCDF-GHJK'],
    ['BCDF-GHJK', 'BCDF-GHJK'],
    ['BCDFGHJKLMN', 'BCDF-GHJK'],
    ['<b>1', 'B'],
  ])('brings %j into the form %j', (typed, formatted) => {
    expect(formatUserCode(typed)).toBe(formatted);
  });

  it('takes a code as complete only with eight letters that codes have', () => {
    expect(isCompleteUserCode('BCDF-GHJK')).toBe(true);
    expect(isCompleteUserCode('BCDF-GHJ')).toBe(false);
    expect(isCompleteUserCode('ABCD-GHJK')).toBe(false);
    expect(isCompleteUserCode('BCDF-GHJK\n')).toBe(false);
  });
});
