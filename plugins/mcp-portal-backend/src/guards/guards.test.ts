import { ConfigReader } from '@backstage/config';
import { ProtocolError } from '@modelcontextprotocol/client';
import { readGuards } from '.';

const SECRET = `ghp_${'x9Kq2mV7pLwR4tYzB8nC'.repeat(2).slice(0, 36)}`;

const guardsOf = (guardrails?: object) =>
  readGuards(
    new ConfigReader(
      guardrails ? { mcpPortal: { guardrails: guardrails as never } } : {},
    ),
    { publicPortals: new Set(['public']) },
  ).guards;

const main = { portal: 'main', server: 'tracker', target: 'list' };

it('applies rules of a server to that server only', async () => {
  const guards = guardsOf({
    actions: [{ category: 'secret', servers: ['tracker'], action: 'flag' }],
  });
  const args = { note: SECRET };
  expect(await guards.inspectArguments(args, main)).toMatchObject({
    blocked: false,
    value: args,
    findings: [{ action: 'flag', direction: 'argument', count: 1 }],
  });
  expect(
    (await guards.inspectArguments(args, { ...main, server: 'other' })).blocked,
  ).toBe(true);
});

it('lets no rule switch the inspection of public portals off', async () => {
  const guards = guardsOf({ actions: [{ action: 'off' }] });
  const result = { content: [{ type: 'text', text: SECRET }] };
  expect((await guards.inspectResult(result, main)).value).toBe(result);
  expect(
    (await guards.inspectResult(result, { ...main, portal: 'public' })).blocked,
  ).toBe(true);
});

it('takes personal data out of what public portals answer, be it an error', async () => {
  const content = [{ type: 'text', text: 'No such user: ada@lantern.example' }];
  for (const portal of ['main', 'public']) {
    for (const isError of [false, true]) {
      const { value } = await guardsOf().inspectResult(
        { content, isError },
        { ...main, portal },
      );
      expect([portal, JSON.stringify(value).includes('ada@')]).toEqual([
        portal,
        portal === 'main',
      ]);
    }
  }
});

describe('an error of a server', () => {
  it('keeps its code, and nothing that must not reach the model', async () => {
    const { value, findings } = await guardsOf().inspectError(
      new ProtocolError(-32050, `Wrong token ${SECRET}`, { tried: SECRET }),
      main,
    );
    expect(value).toMatchObject({
      code: -32050,
      message: 'Wrong token [redacted: secret.github-token]',
      data: { tried: '[redacted: secret.github-token]' },
    });
    expect(findings).toEqual([
      {
        detector: 'secret.github-token',
        action: 'redact',
        direction: 'error',
        count: 2,
      },
    ]);
  });

  it('says nothing but that it was held back, where not all of it could be looked at', async () => {
    let data: object = { note: SECRET };
    for (let depth = 0; depth < 70; depth++) {
      data = { data };
    }
    const { blocked, value } = await guardsOf().inspectError(
      new ProtocolError(-32050, 'Failed', data),
      main,
    );
    expect(blocked).toBe(true);
    expect(value).toMatchObject({
      code: -32050,
      message: 'The error of the server was held back by the portal',
    });
    expect(value.data).toBeUndefined();
  });
});

it('wants no allowed topic in what belongs to a call besides its arguments', async () => {
  const guards = guardsOf({
    topics: [{ id: 'ops', rule: 'allow', words: ['deploy'] }],
  });
  const answer = { action: 'accept', content: { sure: 'yes' } };
  expect((await guards.inspectArguments(answer, main)).blocked).toBe(true);
  expect((await guards.inspectFurther(answer, main)).blocked).toBe(false);
});

it('shows people arguments without secrets and personal data', () => {
  const shown = JSON.stringify(
    guardsOf().forPeople({ to: 'ada@lantern.example', token: SECRET, id: 7 }),
  );
  expect(shown).not.toContain('ada@');
  expect(shown).not.toContain(SECRET);
  expect(shown).toContain('7');
});

it.each([
  [{ actions: 'block' }, 'mcpPortal.guardrails.actions has to be a list'],
  [
    { actions: [{ detector: 'nothing.such', action: 'off' }] },
    'mcpPortal.guardrails',
  ],
  [{ patterns: [{ id: 'x', pattern: '(?=a)' }] }, 'mcpPortal.guardrails'],
])('names what cannot be used: %j', (config, message) => {
  expect(() => guardsOf(config)).toThrow(message);
});

describe('a guard of a module', () => {
  const result = { content: [{ type: 'text', text: 'internal' }] };

  it('redacts and blocks after the portal’s own, and is in the record', async () => {
    const guards = guardsOf();
    guards.addGuard({
      id: 'dlp',
      inspect: async ({ direction, target, value }) =>
        direction === 'argument'
          ? { action: 'block', reason: `Not for ${target}` }
          : {
              action: 'redact',
              value: { ...(value as object), content: [] },
              findings: [{ detector: 'label', count: 2 }],
            },
    });
    expect(await guards.inspectArguments({ a: 1 }, main)).toMatchObject({
      blocked: true,
      summary: 'Not for list',
      findings: [{ detector: 'dlp', action: 'block' }],
    });
    expect(await guards.inspectResult(result, main)).toEqual({
      blocked: false,
      summary: '',
      value: { content: [] },
      findings: [
        {
          detector: 'dlp.label',
          action: 'redact',
          direction: 'result',
          count: 2,
        },
      ],
    });
  });

  it('looks at errors as well', async () => {
    const guards = guardsOf();
    const seen: unknown[] = [];
    guards.addGuard({
      id: 'dlp',
      inspect: async content => {
        seen.push(content);
        return { action: 'block', reason: 'x' };
      },
    });
    const { value } = await guards.inspectError(
      new ProtocolError(-32050, 'internal', { host: 'db1' }),
      main,
    );
    expect(seen).toEqual([
      {
        ...main,
        direction: 'error',
        value: { message: 'internal', data: { host: 'db1' } },
      },
    ]);
    expect(value).toMatchObject({
      code: -32050,
      message: expect.stringContaining('held back'),
    });
    expect(value.data).toBeUndefined();
  });

  it('looks at questions of servers and their answers, but not at what they say meanwhile', async () => {
    const guards = guardsOf();
    const directions: string[] = [];
    guards.addGuard({
      id: 'dlp',
      inspect: async ({ direction }) => {
        directions.push(direction);
        return { action: 'pass' };
      },
    });
    await guards.inspectQuestion({ method: 'elicitation/create' }, main);
    await guards.inspectFurther({ action: 'accept' }, main);
    guards.inspectMessage({ message: 'Half' }, main);
    expect(directions).toEqual(['result', 'argument']);
  });

  it('blocks when it fails', async () => {
    const guards = guardsOf();
    guards.addGuard({
      id: 'dlp',
      inspect: () => Promise.reject(new Error('x')),
    });
    expect(await guards.inspectResult(result, main)).toMatchObject({
      blocked: true,
      summary: 'the inspection "dlp" failed',
    });
  });
});
