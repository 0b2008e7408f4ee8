import { hasInvisible, nameOfHost, toVisible } from './clientName';

describe('the name of a client', () => {
  it.each([
    ['Zürich 助手', false],
    ['a\u0000', true],
    ['a\u007f', true],
    ['\u202eedualC', true],
    ['Cla\u200bude', true],
    ['a\u2028b', true],
    ['\ud800', true],
  ])(
    '%j holds something invisible: %s, and no more once made visible',
    (name, invisible) => {
      expect(hasInvisible(name)).toBe(invisible);
      expect(hasInvisible(toVisible(name))).toBe(false);
      // A pattern with a memory would answer differently the second time.
      expect(hasInvisible(name)).toBe(invisible);
    },
  );

  it('is a host where it has none, of whose 100 characters the owner is the last', () => {
    expect(nameOfHost('tool.example:8443')).toBe('tool.example:8443');
    const shown = nameOfHost(`claude.ai.${'x.'.repeat(90)}evil.example`);
    expect(shown).toHaveLength(100);
    expect(shown).toMatch(/^….*evil\.example$/);
  });
});
