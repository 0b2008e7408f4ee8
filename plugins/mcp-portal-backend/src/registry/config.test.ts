import { ConfigReader } from '@backstage/config';
import { readRegistryConfig } from './config';

const read = (mcpPortal: object) =>
  readRegistryConfig(new ConfigReader({ mcpPortal } as never));

describe('the configuration of the registry', () => {
  it('has defaults, and what is said', () => {
    expect(readRegistryConfig(new ConfigReader({}))).toEqual({
      servers: [],
      catalogIntervalMs: 60_000,
      absenceGraceMs: 600_000,
      syncIntervalMs: 600_000,
      syncTimeoutMs: 60_000,
    });
    const pin = `sha256:${'0'.repeat(64)}`;
    expect(
      read({
        registry: {
          catalogInterval: '10s',
          absenceGrace: '0s',
          syncInterval: { hours: 1 },
        },
        servers: {
          gitlab: {
            entityRef: 'API:Default/GitLab-MCP',
            approved: true,
            urls: ['https://GITLAB.example.com/mcp'],
            classes: { 'issues.list': 'read' },
            pins: { 'issues.list': pin },
          },
          other: { credentials: { mode: 'none' } },
        },
      }),
    ).toEqual({
      catalogIntervalMs: 10_000,
      absenceGraceMs: 0,
      syncIntervalMs: 3_600_000,
      syncTimeoutMs: 60_000,
      servers: [
        {
          name: 'gitlab',
          entityRef: 'api:default/gitlab-mcp',
          approval: {
            classes: { 'issues.list': 'read' },
            defaultClass: 'destructive',
            pins: { 'issues.list': pin },
            urls: ['https://gitlab.example.com/mcp'],
          },
        },
        { name: 'other', entityRef: undefined },
      ],
    });
  });

  const approved = { approved: true, entityRef: 'api:default/x' };
  it.each([
    ['servers.Git_lab', { servers: { Git_lab: {} } }],
    ['servers.x.entityRef', { servers: { x: { approved: true } } }],
    ['servers.x.entityRef', { servers: { x: { entityRef: 'x' } } }],
    [
      'servers.x.entityRef',
      { servers: { x: { entityRef: 'component:default/x' } } },
    ],
    ['servers.x.urls', { servers: { x: { ...approved, urls: ['x'] } } }],
    [
      'servers.x.classes.t',
      { servers: { x: { ...approved, classes: { t: 'reed' } } } },
    ],
    ['servers.x.classes', { servers: { x: { ...approved, classes: ['t'] } } }],
    [
      'servers.x.defaultClass',
      { servers: { x: { ...approved, defaultClass: 'any' } } },
    ],
    [
      'servers.x.pins.t',
      { servers: { x: { ...approved, pins: { t: 'sha256:1' } } } },
    ],
    ['twice', { servers: { x: approved, y: approved } }],
    ['twice', { servers: { git: {}, giT: {} } }],
    ['registry.syncInterval', { registry: { syncInterval: '1s' } }],
  ])('is refused with the key %s', (key, config) => {
    expect(() => read(config)).toThrow(key);
  });
});
