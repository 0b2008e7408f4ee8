import { isMassDeparture } from './isMassDeparture';

describe('isMassDeparture', () => {
  it.each([
    [0, 0, false],
    [0, 100, false],
    // Somebody alone may be the only one there was.
    [1, 1, false],
    [1, 2, false],
    [2, 3, true],
    [2, 4, true],
    [2, 5, false],
    [5, 11, false],
    [5, 10, true],
    [6, 50, true],
    [10, 100, false],
    [11, 100, true],
  ])('of %i missing of %i is %s', (gone, all, expected) => {
    expect(isMassDeparture(gone, all)).toBe(expected);
  });
});
