import { SecretBox } from './SecretBox';

describe('SecretBox', () => {
  const old = { id: '2025.a', secret: 'an old secret of the operator' };
  const current = { id: '2026', secret: 'a new secret of the operator' };

  it('opens what it sealed, and what it sealed with an older key', () => {
    const sealed = new SecretBox([old]).seal('refresh-token', 'session:1');
    const box = new SecretBox([current, old]);
    expect(box.open(sealed, 'session:1')).toBe('refresh-token');
    expect(box.open(box.seal('é', 'x'), 'x')).toBe('é');
    expect(sealed).not.toContain('refresh');
  });

  it('refuses a value that was moved, changed or sealed with a key that is gone', () => {
    const box = new SecretBox([current]);
    const sealed = box.seal('refresh-token', 'session:1');
    expect(() => box.open(sealed, 'session:2')).toThrow();
    const bytes = Buffer.from(sealed.slice('2026.'.length), 'base64url');
    bytes.forEach((_, at) => {
      const changed = Buffer.from(bytes);
      changed[at] ^= 1;
      expect(() =>
        box.open(`2026.${changed.toString('base64url')}`, 'session:1'),
      ).toThrow();
    });
    expect(() => new SecretBox([old]).open(sealed, 'session:1')).toThrow(
      /"2026" is not configured/,
    );
  });
});
