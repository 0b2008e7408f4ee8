import { RequestGuard } from './RequestGuard';

describe('RequestGuard', () => {
  const guard = new RequestGuard({
    section: 'catalogMcp',
    baseUrls: [
      'https://portal.example.com:8443/base',
      'https://app.example.com',
    ],
    hosts: ['Internal.example.com'],
    origins: ['https://inspector.example.com'],
  });

  it.each([
    ['portal.example.com', undefined],
    ['PORTAL.example.com:1', undefined],
    ['internal.example.com', 'https://inspector.example.com'],
    ['app.example.com', 'https://portal.example.com:8443'],
  ])('lets %s with origin %s in', (host, origin) => {
    expect(guard.refusalOf({ host, origin })).toBeUndefined();
  });

  it.each([
    [undefined, undefined],
    ['', undefined],
    ['evil.example', undefined],
    ['portal.example.com.evil.example', undefined],
    ['portal.example.com@evil.example', undefined],
    ['localhost', undefined],
    ['portal.example.com', 'https://evil.example'],
    ['portal.example.com', 'http://portal.example.com:8443'],
    ['portal.example.com', 'https://portal.example.com'],
    ['portal.example.com', 'null'],
    ['portal.example.com', ''],
  ])('keeps %s with origin %s out', (host, origin) => {
    expect(guard.refusalOf({ host, origin })).toContain('are not served');
  });
});

it('names the setting that has a malformed value', () => {
  const section = 'catalogMcp';
  const baseUrls = ['http://localhost:7007'];
  expect(
    () =>
      new RequestGuard({
        section,
        baseUrls,
        hosts: [],
        origins: ['inspector'],
      }),
  ).toThrow('catalogMcp.allowedOrigins');
  expect(
    () => new RequestGuard({ section, baseUrls, hosts: ['a b'], origins: [] }),
  ).toThrow('catalogMcp.allowedHosts');
  const local = new RequestGuard({ section, baseUrls, hosts: [], origins: [] });
  expect(
    local.refusalOf({
      host: '127.0.0.1:7007',
      origin: 'http://127.0.0.1:7007',
    }),
  ).toBeUndefined();
});
