import {
  mockCredentials,
  mockErrorHandler,
  mockServices,
} from '@backstage/backend-test-utils';
import { type BasicPermission } from '@backstage/plugin-permission-common';
import {
  mcpPortalAuditReadPermission,
  mcpPortalPolicyReadPermission,
  type AuditRecord,
} from '@prompt-corner/plugin-mcp-portal-common';
import express from 'express';
import request from 'supertest';
import { pageUsers } from '../__testUtils__/pageUsers';
import { engineOf, github, question } from '../policy/__testUtils__/questions';
import { createPolicyRouter } from './policy';

const engine = engineOf(
  `@id("checkout-writes")
permit (principal in Team::"group:default/checkout", action == Action::"call_tool", resource)
when { resource.class == ToolClass::"write" && context.network.names.contains("office") };`,
  { default: true },
);

const auditor = mockServices.auditor.mock({
  createEvent: jest.fn(async () => ({ success: jest.fn(), fail: jest.fn() })),
});
beforeEach(() => {
  jest.clearAllMocks();
});

const ranges: Array<{ from: Date; to: Date }> = [];

async function* auditRecords(range: { from: Date; to: Date }) {
  ranges.push(range);
  const { attributes, effect, policies } = engine.decide(question());
  yield {
    at: attributes.at,
    action: 'tools/call',
    outcome: 'ok',
    caller: { kind: 'user' },
    portal: 'main',
    decision: { effect, policies },
    policyAttributes: { ...attributes },
  } satisfies AuditRecord;
}

function start(
  allowed: BasicPermission[] = [
    mcpPortalPolicyReadPermission,
    mcpPortalAuditReadPermission,
  ],
  permissionsEnabled = true,
) {
  const names = allowed.map(({ name }) => name);
  const app = express();
  app.use(
    createPolicyRouter({
      engine,
      auditor,
      principalOf: async () => ({ uuid: 'admin' }),
      findPortal: name =>
        ({
          main: { serves: () => true },
          other: { serves: () => false },
        }[name]),
      findServer: async name =>
        name === 'github'
          ? {
              server: github,
              tools: [
                { name: 'get_issue', toolClass: 'read' },
                { name: 'create_issue', toolClass: 'write' },
                { name: 'new_tool' },
              ],
              prompts: ['triage'],
            }
          : undefined,
      auditRecords,
      users: pageUsers((_, permission) => names.includes(permission), {
        permissionsEnabled,
      }),
    }),
  );
  app.use(mockErrorHandler());
  return (method: 'get' | 'post', path: string) =>
    request(app)
      [method](`/admin/policies${path}`)
      .set('authorization', mockCredentials.user.header());
}

const call = { portal: 'main', server: 'github', target: 'create_issue' };
const range = { from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z' };

it('shows the policies and how they stand', async () => {
  const { status, body } = await start()('get', '');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    status: { policies: 4, version: engine.status().version },
    policies: [
      { id: 'default-read-tools', source: 'default.cedar' },
      { id: 'default-prompts-and-resources' },
      { id: 'default-granted-writing' },
      { id: 'checkout-writes', line: 1 },
    ],
    sources: [{ name: 'default.cedar' }, { name: 'mcpPortal.policy.policies' }],
  });
});

it('checks a draft together with the policies that come with the portal', async () => {
  const check = async (policies: string) =>
    (await start()('post', '/check').send({ policies })).body;
  await expect(
    check('@id("a") permit (principal, action, resource);'),
  ).resolves.toEqual({
    valid: true,
    problems: [],
    warnings: [],
    policies: [
      'default-read-tools',
      'default-prompts-and-resources',
      'default-granted-writing',
      'a',
    ],
  });
  await expect(
    check('\n@id("default-read-tools") permit (principal, action, resource);'),
  ).resolves.toMatchObject({
    valid: false,
    problems: [
      {
        source: 'draft',
        line: 2,
        policyId: 'default-read-tools',
        message: 'another policy has this name: default.cedar:5',
      },
    ],
  });
});

it('simulates with the class that the tool has, and lists the tools of the server', async () => {
  const simulate = async (changes: object) =>
    (await start()('post', '/simulate').send({ ...call, who: {}, ...changes }))
      .body;
  await expect(simulate({})).resolves.toMatchObject({
    effect: 'deny',
    listed: false,
    listedTools: [{ name: 'get_issue', toolClass: 'read' }],
  });
  const inOffice = {
    who: { teams: ['group:default/checkout'] },
    network: { names: ['office'] },
  };
  await expect(simulate(inOffice)).resolves.toMatchObject({
    effect: 'permit',
    deciding: [{ id: 'checkout-writes' }],
    listed: true,
    listedTools: [{ name: 'get_issue' }, { name: 'create_issue' }],
  });
  await expect(
    simulate({ ...inOffice, toolClass: 'destructive' }),
  ).resolves.toMatchObject({ effect: 'deny' });
  await expect(
    simulate({
      target: 'new_tool',
      policies: `@id("a") permit (principal, action, resource)
when { context.claims has authAgeSeconds && context.claims.authAgeSeconds == 60 && context.time.hour == 3
  && context.arguments.flags.hasTag("dry") && context.arguments.flags.getTag("dry") };`,
      claims: { authAgeSeconds: 60 },
      time: '2026-11-18T04:30:00+01:00',
      arguments: { dry: true },
    }),
  ).resolves.toMatchObject({ effect: 'permit', deciding: [{ id: 'a' }] });
});

it('replays a range of the audit trail', async () => {
  const { body } = await start()('post', '/replay').send({
    ...range,
    policies: '// nothing',
  });
  expect(body).toMatchObject({ decided: 1, same: 1 });
  expect(ranges).toEqual([
    { from: new Date(range.from), to: new Date(range.to) },
  ]);
  expect(auditor.createEvent).toHaveBeenCalledWith({
    eventId: 'policy-replay',
    severityLevel: 'medium',
    meta: { principal: 'admin', ...range },
  });
});

it.each([
  ['/check', {}, 'policies'],
  ['/check', { policies: 'x'.repeat(65_537) }, '65536'],
  ['/simulate', { ...call, who: {}, portal: 7 }, 'portal'],
  ['/simulate', { ...call, who: { kind: 'root' } }, 'who.kind'],
  ['/simulate', { ...call, who: {}, time: 'soon' }, 'time'],
  ['/simulate', { ...call, who: {}, network: { address: 'x' } }, 'address'],
  ['/simulate', { ...call, who: { teams: ['\ud800'] } }, 'Unicode'],
  [
    '/simulate',
    { ...call, who: {}, arguments: { a: 'x'.repeat(17_000) } },
    'arguments',
  ],
  [
    '/simulate',
    {
      ...call,
      who: {},
      arguments: { a: JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`) },
    },
    'deeper than 32',
  ],
  ['/simulate', { ...call, who: {}, policies: 'permit' }, 'draft:1'],
  ['/replay', { ...range, to: range.from, policies: '' }, 'to'],
  ['/replay', { ...range, policies: `permit ${'('.repeat(50_000)}` }, 'nested'],
])('refuses what cannot be used: %s %#', async (path, body, message) => {
  const answer = await start()('post', path).send(body);
  expect(answer.status).toBe(400);
  expect(answer.body.error.message).toContain(message);
});

it.each([
  [{ server: 'nowhere' }, 'No server is named "nowhere"'],
  [{ portal: 'nowhere' }, 'No portal is named "nowhere"'],
  [{ portal: 'other' }, 'does not have the server "github"'],
  [{ target: 'nothing', toolClass: 'read' }, 'no approved tool "nothing"'],
  [{ action: 'get_prompt', target: 'nothing' }, 'no approved prompt "nothing"'],
])(
  'says what there is not rather than what policies permit: %j',
  async (change, message) => {
    const answer = await start()('post', '/simulate').send({
      ...call,
      who: {},
      policies: '@id("all") permit (principal, action, resource);',
      ...change,
    });
    expect(answer.status).toBe(404);
    expect(answer.body.error.message).toContain(message);
  },
);

it('tells the Backstage audit log who asked what somebody may', async () => {
  const uuid = '5f1c0c5e-0000-4000-8000-000000000001';
  for (const [action, target] of [
    ['get_prompt', 'triage'],
    ['read_resource', 'file:///any'],
    ['call_tool', 'get_issue'],
  ]) {
    const { status } = await start()('post', '/simulate').send({
      ...call,
      action,
      target,
      who: { uuid },
    });
    expect(status).toBe(200);
    expect(auditor.createEvent).toHaveBeenLastCalledWith({
      eventId: 'policy-simulate',
      severityLevel: 'medium',
      meta: {
        principal: 'admin',
        uuid,
        portal: 'main',
        server: 'github',
        action,
        target,
      },
    });
  }
});

it('is for those with the permissions only', async () => {
  const paths = [
    ['get', '', {}],
    ['post', '/check', { policies: '' }],
    ['post', '/simulate', { ...call, who: {} }],
    ['post', '/replay', { ...range, policies: '' }],
  ] as const;
  for (const [method, path, body] of paths) {
    const statusFor = async (answer: request.Test) =>
      (await answer.send(method === 'get' ? undefined : body)).status;
    expect(await statusFor(start([])(method, path))).toBe(403);
    expect(await statusFor(start(undefined, false)(method, path))).toBe(403);
    expect(
      await statusFor(
        start()(method, path).set(
          'authorization',
          mockCredentials.service.header(),
        ),
      ),
    ).toBe(403);
    expect(
      await statusFor(start([mcpPortalPolicyReadPermission])(method, path)),
    ).toBe(path === '/replay' ? 403 : 200);
  }
});
