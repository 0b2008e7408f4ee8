import { ConfigReader } from '@backstage/config';
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
