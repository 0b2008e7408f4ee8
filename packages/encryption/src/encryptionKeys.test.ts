import { ConfigReader } from '@backstage/config';
import { readEncryptionKeys } from './encryptionKeys';

describe('readEncryptionKeys', () => {
  const read = (keys?: Array<{ id?: string; secret?: string }>) =>
    readEncryptionKeys(
      new ConfigReader({ plugin: { encryption: keys ? { keys } : {} } }),
      'plugin.encryption.keys',
    );
  const secret = 'x'.repeat(32);

  it('reads them in their order, or none', () => {
    const keys = [
      { id: 'new', secret },
      { id: 'old', secret: `${secret}!` },
    ];
    expect(read(keys)).toEqual(keys);
    expect(read()).toEqual([]);
  });

  it.each([
    ['a short secret', [{ id: 'a', secret: 'too short to be one' }]],
    ['no secret', [{ id: 'a' }]],
    [
      'an id twice',
      [
        { id: 'a', secret },
        { id: 'a', secret },
      ],
    ],
  ])('refuses %s by the name of the setting, without the secret', (_, keys) => {
    expect(() => read(keys)).toThrow('plugin.encryption.keys');
    expect(() => read(keys)).not.toThrow('too short to be one');
  });
});
