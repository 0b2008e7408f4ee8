import { ConfigReader } from '@backstage/config';
import { readDiscoveryConfig } from './config';

const read = (discovery: object) =>
  readDiscoveryConfig(new ConfigReader({ aiProxy: { discovery } } as never));

describe('The configuration of discovery', () => {
  it('has defaults, and what is said', () => {
    expect(readDiscoveryConfig(new ConfigReader({}))).toEqual({
      source: { kind: 'none' },
      intervalMs: 30_000,
      loginCommand: undefined,
      whenSignedOut: 'continue',
    });
    expect(
      read({
        url: 'https://github.com/acme/agent-config/tree/main',
        login: { command: ['acme-login'] },
        whenSignedOut: 'stop',
      }),
    ).toEqual({
      source: {
        kind: 'url',
        url: 'https://github.com/acme/agent-config/tree/main',
      },
      intervalMs: 300_000,
      loginCommand: ['acme-login'],
      whenSignedOut: 'stop',
    });
    expect(read({ directory: 'x', interval: '5s' })).toMatchObject({
      source: { kind: 'directory', directory: 'x' },
      intervalMs: 5_000,
    });
  });

  it.each([
    ['directory', { directory: 'x', url: 'https://example.com' }],
    ['url', { url: 'git@github.com:acme/x' }],
    ['interval', { interval: '1s' }],
    ['login.command', { login: { command: [] } }],
    ['whenSignedOut', { whenSignedOut: 'cry' }],
  ])('is refused with the key %s', (key, discovery) => {
    expect(() => read(discovery)).toThrow(`aiProxy.discovery.${key}`);
  });
});
