import { createCipheriv, hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { SecretBox } from './SecretBox';

describe('SecretBox', () => {
  const old = { id: '2025.a', secret: 'an old secret of the operator' };
  const current = { id: '2026', secret: 'a new secret of the operator' };
  const options = { purpose: 'tests', configKey: 'tests.encryption.keys' };

  it('opens what it sealed, and what it sealed with an older key', () => {
    const sealed = new SecretBox([old], options).seal('a token', 'session:1');
    const box = new SecretBox([current, old], options);
    expect(box.open(sealed, 'session:1')).toBe('a token');
    expect(sealed).not.toContain('token');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, context) =>
        expect(box.open(box.seal(text, context), context)).toBe(text),
      ),
    );
  });

  it('refuses a value that was moved, changed or sealed with a key that is gone', () => {
    const box = new SecretBox([current], options);
    const sealed = box.seal('a token', 'session:1');
    expect(() => box.open(sealed, 'session:2')).toThrow();
    const bytes = Buffer.from(sealed.slice('2026.'.length), 'base64url');
    bytes.forEach((_, at) => {
      const changed = Buffer.from(bytes);
      changed[at] ^= 1;
      expect(() =>
        box.open(`2026.${changed.toString('base64url')}`, 'session:1'),
      ).toThrow();
    });
    expect(() => new SecretBox([old], options).open(sealed, 'x')).toThrow(
      '"2026" is not configured; add it to tests.encryption.keys again',
    );
    expect(() => new SecretBox([], options)).toThrow('tests.encryption.keys');
  });

  it('does not open what was sealed for another purpose with the same key', () => {
    const sealed = new SecretBox([current], options).seal('a token', 'x');
    const other = new SecretBox([current], { ...options, purpose: 'others' });
    expect(() => other.open(sealed, 'x')).toThrow();
  });

  it('opens what is in databases already', () => {
    // As the first release sealed it: the format and the derivation may never change.
    const nonce = Buffer.alloc(12, 7);
    const key = Buffer.from(
      hkdfSync('sha256', current.secret, '', 'agent-auth', 32),
    );
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    cipher.setAAD(Buffer.from('uuid'));
    const sealed = Buffer.concat([
      nonce,
      cipher.update('a token'),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    const box = new SecretBox([current], { ...options, purpose: 'agent-auth' });
    expect(box.open(`2026.${sealed.toString('base64url')}`, 'uuid')).toBe(
      'a token',
    );
  });
});
