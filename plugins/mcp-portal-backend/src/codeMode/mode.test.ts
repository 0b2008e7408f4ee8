import { isCodeMode } from './mode';

const ASKED = [undefined, 'off', 'search_and_execute'];

it.each([
  ['off', [false, false, false]],
  ['opt_in', [false, false, true]],
  ['default_on', [true, false, true]],
  ['enforced', [true, true, true]],
] as const)('a portal with code mode %s', (setting, expected) => {
  expect(ASKED.map(asked => isCodeMode(setting, asked))).toEqual(expected);
});

it.each(['opt_in', 'default_on'] as const)(
  'what is asked of a portal with code mode %s has to make sense',
  setting => {
    for (const asked of ['', 'on', 'OFF', ['off', 'off'], { off: '' }]) {
      expect(() => isCodeMode(setting, asked)).toThrow('codemode has to be');
    }
  },
);
