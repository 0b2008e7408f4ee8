import { ConfigReader } from '@backstage/config';
import { readRegistryApiConfig } from './config';

const read = (registry: object, baseUrl = 'https://portal.example.com') =>
  readRegistryApiConfig(
    new ConfigReader({
      app: { baseUrl },
      mcpPortal: { registry },
    } as never),
  );

describe('readRegistryApiConfig', () => {
  it.each([
    ['https://portal.example.com/base', 'com.example.portal'],
    ['http://localhost:7007', 'localhost'],
    ['http://192.0.2.1:7007', 'local.portal'],
    ['http://[::1]:7007', 'local.portal'],
  ])('names servers after %s', (baseUrl, namespace) => {
    expect(read({}, baseUrl).namespace).toBe(namespace);
  });

  it('takes what is configured', () => {
    const registry = {
      namespace: 'com.acme',
      anonymous: 'none',
      requestsPerMinute: 10,
    };
    expect(read(registry)).toEqual(registry);
  });

  it.each([
    [{ namespace: 'com/acme' }, 'namespace is "com/acme"'],
    [{ anonymous: 'some' }, 'anonymous is "some"'],
    [{ requestsPerMinute: 0 }, 'requestsPerMinute has to be'],
  ])('refuses %j', (registry, message) => {
    expect(() => read(registry)).toThrow(`mcpPortal.registry.${message}`);
  });
});
