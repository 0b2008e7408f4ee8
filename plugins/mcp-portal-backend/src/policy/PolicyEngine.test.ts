import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mockServices } from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import type { PolicyEffect } from '@prompt-corner/plugin-mcp-portal-common';
import { ada, engineOf, github, question } from './__testUtils__/questions';
import { readPolicyConfig } from './config';
import { PolicyEngine } from './PolicyEngine';

const READ_TOOLS = `
@id("read-tools")
permit (principal, action == Action::"call_tool", resource)
when { resource.class == ToolClass::"read" };`;

describe('the policies that come with the portal', () => {
  const engine = engineOf('// none of our own', { default: true });

  it.each<[string, Parameters<typeof question>[0], PolicyEffect]>([
    ['a tool that reads', {}, 'permit'],
    ['a tool that writes', { target: { toolClass: 'write' } }, 'deny'],
    ['a tool that destroys', { target: { toolClass: 'destructive' } }, 'deny'],
    [
      'writing that was granted',
      { target: { toolClass: 'write', granted: ['write'] } },
      'permit',
    ],
    [
      'writing where destroying was granted',
      { target: { toolClass: 'write', granted: ['destructive'] } },
      'deny',
    ],
    [
      'destroying, though it was granted',
      { target: { toolClass: 'destructive', granted: ['destructive'] } },
      'deny',
    ],
    ['a tool without a class', { target: { toolClass: undefined } }, 'deny'],
    ['a prompt', { action: 'get_prompt' }, 'permit'],
    ['a resource', { action: 'read_resource' }, 'permit'],
  ])('%s: %s', (_, changes, effect) => {
    expect(engine.decide(question(changes)).effect).toBe(effect);
    expect(engine.decideListing(question(changes)).effect).toBe(effect);
  });

  it('say why, and what they could read, without names and values', () => {
    expect(
      engine.decide(
        question({
          caller: {
            claims: {
              amr: ['mfa'],
              authTime: Date.UTC(2026, 10, 18, 11) / 1e3,
            },
            network: {
              address: '::ffff:10.0.0.7',
              names: ['office'],
              device: {},
            },
          },
          arguments: { password: 'hunter2', rows: [1], 'a.b': true },
        }),
      ),
    ).toEqual({
      effect: 'permit',
      policies: ['default-read-tools'],
      reason:
        'Permitted by policy "default-read-tools" (Tools that change nothing)',
      version: engine.status().version,
      attributes: {
        action: 'call_tool',
        portal: 'main',
        at: '2026-11-18T12:00:00.000Z',
        caller: { kind: 'user', uuid: ada.uuid, teams: ada.teams },
        client: ada.client,
        scopes: ['tools:read', 'tools:write'],
        claims: { amr: ['mfa'], authAgeSeconds: 3600 },
        network: { address: '10.0.0.7', names: ['office'] },
        device: {},
        granted: [],
        server: github,
        target: 'get_issue',
        toolClass: 'read',
        arguments: [
          {
            path: 'password',
            kind: 'text',
            digest: expect.stringMatching(/^hmac-sha256:[0-9a-f]{64}$/),
          },
          { path: 'rows[]', kind: 'list' },
          { path: 'a~1b', kind: 'flag', digest: expect.any(String) },
        ],
      },
    });
    expect(
      engine.decide(question({ target: { toolClass: 'write' } })),
    ).toMatchObject({
      policies: [],
      reason:
        'No policy permits the write tool "get_issue" of the server "github" here',
    });
  });
});

it('lets nobody do anything when there is no policy', () => {
  const engine = engineOf('// nothing');
  expect(engine.decide(question()).effect).toBe('deny');
  expect(engine.decideListing(question()).effect).toBe('deny');
});

describe('permits, holds and forbids', () => {
  const engine = engineOf(`
@id("writers")
permit (principal in Team::"group:default/checkout", action == Action::"call_tool", resource)
when { resource.class == ToolClass::"write" };

@id("held")
@approval("group:default/platform-team, Group:Security,user:default/olivia")
permit (principal, action == Action::"call_tool", resource);

@id("held-too")
@approval("group:default/platform-team")
permit (principal, action == Action::"call_tool", resource)
when { resource.name like "delete_*" };

@id("no-prod")
@description("Production is read-only")
forbid (principal, action, resource)
when { context.arguments.text.hasTag("env") && context.arguments.text.getTag("env") == "prod" };`);

  it('hold for whoever may approve by one of the policies', () => {
    expect(
      engine.decide(
        question({ target: { name: 'delete_x', toolClass: 'destructive' } }),
      ),
    ).toMatchObject({
      effect: 'hold',
      policies: ['held', 'held-too'],
      approvers: [
        'group:default/platform-team',
        'group:default/security',
        'user:default/olivia',
      ],
    });
  });

  it('let through what another policy permits without approval', () => {
    const write = { toolClass: 'write' as const };
    expect(engine.decide(question({ target: write }))).toMatchObject({
      effect: 'permit',
      policies: ['writers'],
    });
    expect(
      engine.decide(question({ target: write, caller: { teams: [] } })).effect,
    ).toBe('hold');
  });

  it('let forbid win, for the calls that it is about', () => {
    const asked = question({
      target: { toolClass: 'write' },
      arguments: { env: 'prod' },
    });
    expect(engine.decide(asked)).toMatchObject({
      effect: 'deny',
      policies: ['no-prod'],
      reason: 'Forbidden by policy "no-prod" (Production is read-only)',
    });
    expect(engine.decideListing(asked).effect).toBe('permit');
    expect(engine.decide({ ...asked, arguments: {} }).effect).toBe('permit');
  });
});

describe('what cannot be evaluated', () => {
  const OVERFLOW =
    'context.time.hour * 9007199254740991 * 9007199254740991 > 1';

  it('denies where a forbid fails', () => {
    const engine = engineOf(`${READ_TOOLS}
@id("fails") forbid (principal, action, resource) when { ${OVERFLOW} };`);
    expect(engine.decide(question())).toMatchObject({
      effect: 'deny',
      policies: ['fails'],
      reason: expect.stringContaining('could not be evaluated'),
      errors: [expect.stringMatching(/^fails: .*overflow/)],
    });
    expect(engine.decideListing(question()).effect).toBe('deny');
  });

  it('does not count where a permit fails, and tells of it', () => {
    const engine = engineOf(`${READ_TOOLS}
@id("fails") permit (principal, action, resource) when { ${OVERFLOW} };`);
    expect(engine.decide(question())).toMatchObject({
      effect: 'permit',
      policies: ['read-tools'],
      errors: [expect.stringMatching(/^fails: /)],
    });
    expect(
      engine.decide(question({ target: { toolClass: 'write' } })).effect,
    ).toBe('deny');
  });

  it('hides nothing of which only certain calls fail', () => {
    const has = 'context.arguments.numbers.hasTag("n")';
    const engine = engineOf(`
@id("permit") permit (principal, action == Action::"call_tool", resource)
when { if ${has} then ${OVERFLOW} else true };
@id("forbid") forbid (principal, action == Action::"call_tool", resource)
when { if ${has} then ${OVERFLOW} else false };`);
    const withNumber = question({ arguments: { n: 1 } });
    expect(engine.decide(withNumber).effect).toBe('deny');
    expect(engine.decide(question()).effect).toBe('permit');
    expect(engine.decideListing(withNumber).effect).toBe('permit');
  });

  it('denies what Cedar cannot read, and works on', () => {
    const logger = mockServices.logger.mock();
    const engine = new PolicyEngine({
      config: mockServices.rootConfig({
        data: {
          mcpPortal: {
            policy: {
              policies:
                '@id("ide") forbid (principal, action, resource) when { context.client.name == "x" };',
            },
          },
        },
      }),
      logger,
      digestKey: Buffer.alloc(32),
    });
    const hostile = question({
      caller: { client: { id: 'x', name: '\ud800' } },
    });
    expect(engine.decide(hostile)).toMatchObject({
      effect: 'deny',
      reason: expect.stringContaining('could not be decided'),
    });
    expect(engine.decideListing(hostile).effect).toBe('deny');
    expect(logger.warn).toHaveBeenCalledWith(
      expect.stringContaining('call_tool of github in main'),
    );
    expect(engine.decide(question()).effect).toBe('permit');
  });
});

describe('arguments', () => {
  const engine = engineOf(
    `${READ_TOOLS}
@id("own-projects-only")
forbid (principal, action == Action::"call_tool", resource == Tool::"github/get_issue")
unless { context.arguments.text.hasTag("__proto__.project") && context.arguments.text.getTag("__proto__.project") == "shop" };

@id("nothing-odd")
forbid (principal, action, resource) when { context.arguments.text.hasTag("__proto__") };`,
    { recordedArguments: ['project', 'long', 'labels[]'] },
  );

  it('count by whatever name they have', () => {
    const decide = (json: string) =>
      engine.decide(question({ arguments: JSON.parse(json) })).effect;
    expect(decide('{"__proto__": {"project": "shop"}}')).toBe('permit');
    expect(decide('{"__proto__": {"project": "other"}}')).toBe('deny');
    expect(decide('{"__proto__": {"project": ["shop"]}}')).toBe('deny');
    expect(decide('{"__proto__.project": "shop"}')).toBe('deny');
    expect(decide('{}')).toBe('deny');
  });

  it('count by a name that objects have of themselves', () => {
    const asked = {
      target: { name: 'other' },
      arguments: JSON.parse('{"__proto__": "x"}'),
    };
    expect(engine.decide(question(asked)).policies).toEqual(['nothing-odd']);
  });

  it('are denied when they cannot be read, or what policies read is too long', () => {
    const answer = engine.decide(question({ arguments: { x: '\ud800' } }));
    expect(answer).toMatchObject({
      effect: 'deny',
      policies: [],
      reason: expect.stringContaining('not Unicode'),
    });
    expect(answer.attributes).not.toHaveProperty('arguments');
    const long = 'x'.repeat(70_000);
    expect(
      engine.decide(
        question({
          arguments: JSON.parse(
            `{"__proto__": {"project": "shop"}, "content": "${long}"}`,
          ),
        }),
      ).effect,
    ).toBe('permit');
    expect(
      engine.decide(
        question({
          arguments: JSON.parse(`{"__proto__": {"project": "${long}"}}`),
        }),
      ).reason,
    ).toContain('longer than 65536 characters');
  });

  it('are recorded by value only where the configuration says so', () => {
    const many = Object.fromEntries(
      Array.from({ length: 150 }, (_, i) => [`k${i}`, 'secret']),
    );
    const { attributes } = engine.decide(
      question({
        arguments: {
          ...many,
          project: 'shop',
          long: 'y'.repeat(2_000),
          labels: ['a'],
        },
      }),
    );
    expect(attributes.arguments).toHaveLength(100);
    expect(attributes.moreArguments).toBe(53);
    expect(attributes.arguments!.slice(0, 3)).toEqual([
      { path: 'project', kind: 'text', value: 'shop' },
      { path: 'long', kind: 'text', digest: expect.any(String) },
      { path: 'labels[]', kind: 'list', value: ['a'] },
    ]);
    expect(JSON.stringify(attributes)).not.toMatch(/secret|yyy/);
    expect(
      new Set(attributes.arguments!.slice(3).map(a => a.digest)).size,
    ).toBe(1);
  });
});

it('reads the time in the time zone of the configuration', () => {
  const engine = engineOf(
    `@id("office-hours") permit (principal, action, resource)
when { context.time.weekday <= 5 && context.time.hour >= 9 && context.time.hour < 17 };`,
    { timeZone: 'America/New_York' },
  );
  const at = (now: string) =>
    engine.decide(question({ now: new Date(now) })).effect;
  expect(at('2026-11-18T14:00:00Z')).toBe('permit');
  expect(at('2026-11-18T13:59:59Z')).toBe('deny');
  expect(at('2026-11-20T21:59:59Z')).toBe('permit');
  expect(at('2026-11-21T03:00:00Z')).toBe('deny');
  expect(at('2026-11-22T15:00:00Z')).toBe('deny');
});

describe('changes', () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'policy-'));
    file = join(directory, 'tools.cedar');
    writeFileSync(file, READ_TOOLS);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const NOTHING = '@id("nothing") forbid (principal, action, resource);';

  function start() {
    const config = mockServices.rootConfig({
      data: { mcpPortal: { policy: { default: false, files: [file] } } },
    });
    const logger = mockServices.logger.mock();
    const engine = new PolicyEngine({
      config,
      logger,
      digestKey: Buffer.alloc(32),
      pollMs: 20,
    });
    const changed = () =>
      new Promise<void>(resolve => {
        const end = engine.onChange(() => {
          end();
          resolve();
        });
      });
    return { config, engine, logger, changed };
  }

  it('of a file count without a restart, also when another file takes its place', async () => {
    const { engine, changed } = start();
    const { version } = engine.status();
    expect(engine.decide(question()).effect).toBe('permit');
    engine.start();
    try {
      const first = changed();
      writeFileSync(file, NOTHING);
      await first;
      expect(engine.decide(question())).toMatchObject({
        effect: 'deny',
        policies: ['nothing'],
        version: engine.status().version,
      });
      expect(engine.status().version).not.toBe(version);

      const second = changed();
      writeFileSync(`${file}.new`, READ_TOOLS);
      renameSync(`${file}.new`, file);
      await second;
      expect(engine.status().version).toBe(version);
      expect(engine.decide(question()).effect).toBe('permit');
    } finally {
      engine.stop();
    }
  });

  it('that are not valid leave the policies of before in force, and show', () => {
    const { engine, logger } = start();
    const before = engine.status();
    for (const text of ['permit (', 'permit (']) {
      writeFileSync(file, text);
      engine.reload();
    }
    expect(engine.decide(question()).effect).toBe('permit');
    expect(engine.status()).toEqual({
      ...before,
      problem: {
        message: expect.stringContaining(`${file}:1: `),
        since: expect.any(String),
      },
    });
    // Once, not at every look.
    expect(logger.error).toHaveBeenCalledTimes(1);

    rmSync(file);
    engine.reload();
    expect(engine.status().problem?.message).toMatch(
      /cannot be read \(ENOENT\)/,
    );
    expect(engine.decide(question()).effect).toBe('permit');

    writeFileSync(file, READ_TOOLS);
    engine.reload();
    expect(engine.status()).toEqual(before);
  });

  it('of the configuration count as well', async () => {
    const { config, engine } = start();
    engine.start();
    config.update({
      data: { mcpPortal: { policy: { default: false, policies: NOTHING } } },
    });
    expect(engine.decide(question()).policies).toEqual(['nothing']);
    expect(engine.status().sources).toEqual(['mcpPortal.policy.policies']);
    engine.stop();
  });

  it('are not looked for after the end', async () => {
    const { config, engine } = start();
    engine.start();
    engine.stop();
    config.update({
      data: { mcpPortal: { policy: { default: false, policies: NOTHING } } },
    });
    expect(engine.decide(question()).effect).toBe('permit');
  });
});

it('does not start with policies that are not valid, and names file, line and policy', () => {
  expect(() =>
    engineOf(
      '\n@id("broken") permit (principal, action, resource) when { context.nothing };',
    ),
  ).toThrow(
    /^The policies are not valid\.\nmcpPortal\.policy\.policies:2 \(policy "broken"\): /,
  );
});

it.each([
  [{ files: ['a.txt'] }, /files\[0\] is "a\.txt"/],
  [{ files: ['a.cedar', 'a.cedar'] }, /names "a\.cedar" twice/],
  [{ timeZone: 'Mars/Olympus' }, /mcpPortal\.policy\.timeZone is "Mars/],
  [{ default: 'maybe' }, /mcpPortal\.policy\.default/],
])('refuses the configuration %j', (policy, message) => {
  expect(() =>
    readPolicyConfig(new ConfigReader({ mcpPortal: { policy } })),
  ).toThrow(message);
});
