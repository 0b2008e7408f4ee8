import { mockServices } from '@backstage/backend-test-utils';
import type { CatalogueModel } from '@prompt-corner/plugin-ai-proxy-common';
import {
  anthropic,
  opus,
  policyOf,
  providerQuestion,
  question,
} from './__testUtils__/questions';
import { ModelPolicy } from './ModelPolicy';
import { policyModelOf, type ModelQuestion } from './ModelQuestion';
import { refusalOf } from './refusalOf';

const ALL = '@id("all") permit (principal, action, resource);\n';

describe('the policies that come with the proxy', () => {
  const policy = policyOf('// none of our own', { default: true });
  const unknown = { status: 'unknown', priced: false } as const;

  it.each<[string, ModelQuestion]>([
    ['a model', question()],
    ['a model that the catalogue does not have', question({ model: unknown })],
    ['files', providerQuestion('use_files')],
    ['batches', providerQuestion('use_batches')],
    ['stored responses', providerQuestion('use_stored_responses')],
  ])('permit %s', (_, asked) => {
    expect(policy.decide(asked).effect).toBe('permit');
  });

  it('load without a warning, and say which of them decided', () => {
    expect(policy.status().warnings).toEqual([]);
    expect(policy.decide(question())).toEqual({
      effect: 'permit',
      policies: ['default-models'],
      reason: 'Permitted by policy "default-models" (All models)',
      version: policy.status().version,
    });
  });
});

it('permits nobody anything when there is no policy, and says so', () => {
  const policy = policyOf('// nothing');
  const decision = policy.decide(question());
  expect(decision).toMatchObject({ effect: 'deny', policies: [] });
  expect(refusalOf(decision)).toEqual({
    reason: 'policy',
    message:
      'No policy permits the model "claude-opus-4-5" of the provider "anthropic" for this. Ask for another model, or the administrators of the portal',
  });
  expect(policy.decide(providerQuestion('use_files')).reason).toBe(
    'No policy permits the action use_files at the provider "anthropic"',
  );
  expect(policy.mayUse(question().caller)(opus)).toBe(false);
});

it('names the policy that forbids', () => {
  const decision = policyOf(
    `${ALL}@id("no-opus") @description("Opus is dear") forbid (principal, action, resource in Family::"claude-opus");`,
  ).decide(question());
  expect(decision).toMatchObject({ effect: 'deny', policies: ['no-opus'] });
  expect(refusalOf(decision)).toEqual({
    reason: 'policy:no-opus',
    message:
      'Forbidden by policy "no-opus" (Opus is dear). Ask for another model, or the administrators of the portal',
  });
  expect(refusalOf({ ...decision, effect: 'permit' })).toBeUndefined();
});

it('refuses policies that hold, as no request waits for a person', () => {
  expect(() =>
    policyOf(
      '@id("a") @approval("group:default/x") permit (principal, action, resource);',
    ),
  ).toThrow(/aiProxy\.policy\.policies:1 .*@approval is not known/);
});

it('refuses policies about what is not there', () => {
  const load = (condition: string) => () =>
    policyOf(
      `@id("a") forbid (principal, action == Action::"use_model", resource) when { ${condition} };`,
    );
  expect(load('resource.retention == Retention::"zdr"')).toThrow(
    /"opted-out", "agreement", "retained", "unknown"/,
  );
  expect(load('context.request.effort == "high"')).toThrow(/effort/);
  expect(load('resource.status == ModelStatus::"new"')).toThrow(/"beta"/);
  expect(load('resource.status == ModelStatus::"beta"')).not.toThrow();
});

it('reads reasoning as a word or as a number of tokens', () => {
  const policy = policyOf(`${ALL}@id("words")
forbid (principal, action == Action::"use_model", resource)
when { context.request has effort && ["high", "max"].contains(context.request.effort) };
@id("tokens")
forbid (principal, action == Action::"use_model", resource)
when { context.request has reasoningTokens && context.request.reasoningTokens > 4096 };`);
  const decide = (effort?: string) =>
    policy.decide(question({ request: { effort } })).policies;
  expect(decide()).toEqual(['all']);
  expect(decide('low')).toEqual(['all']);
  expect(decide('high')).toEqual(['words']);
  expect(decide('budget:4096')).toEqual(['all']);
  expect(decide('budget:4097')).toEqual(['tokens']);
});

it('takes a version of a model for one in it, in lists too', () => {
  const policy = policyOf(`${ALL}@id("no-opus")
forbid (principal, action == Action::"use_model", resource in Model::"anthropic/claude-opus-4-5");`);
  for (const [id, effect] of [
    ['claude-opus-4-5', 'deny'],
    ['claude-opus-4-5-20251101', 'deny'],
    ['claude-opus-4-5-latest', 'deny'],
    ['claude-opus-4', 'permit'],
    ['claude-opus-4-50', 'permit'],
  ]) {
    const asked = question({ model: { id } });
    expect([id, policy.decide(asked).effect]).toEqual([id, effect]);
    expect(policy.mayUse(asked.caller)({ ...opus, id })).toBe(
      effect === 'permit',
    );
  }
});

describe('what a grant is limited to', () => {
  const policy = policyOf(ALL);
  const limited = (models: string[]) => ({ caller: { limits: { models } } });

  it('counts before any policy, in lists too', () => {
    for (const [models, effect] of [
      [['claude-haiku*'], 'deny'],
      [['claude-*'], 'permit'],
      [['anthropic/claude-opus-4-5'], 'permit'],
      [['openai/*'], 'deny'],
      [[], 'deny'],
    ] as const) {
      const asked = question(limited([...models]));
      expect(policy.decide(asked).effect).toBe(effect);
      expect(policy.mayUse(asked.caller)(opus)).toBe(effect === 'permit');
    }
    expect(policy.decide(question(limited(['gpt-*']))).reason).toMatch(
      /^This sign-in is limited to the models gpt-\*\./,
    );
  });

  it('takes no time that a caller could choose', () => {
    const asked = question({
      ...limited(['*a'.repeat(99).concat('*b')]),
      model: { id: 'a'.repeat(500) },
    });
    const startedMs = performance.now();
    expect(policy.decide(asked).effect).toBe('deny');
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });

  it('leaves no way around through batches', () => {
    const { caller } = question(limited(['claude-*']));
    const decide = (action: 'use_batches' | 'use_files') =>
      policy.decide(providerQuestion(action, { caller })).effect;
    expect(decide('use_batches')).toBe('deny');
    expect(decide('use_files')).toBe('permit');
  });
});

describe('what policies cannot read', () => {
  const policy = policyOf(`${ALL}@id("no-bash")
forbid (principal, action == Action::"use_model", resource)
when { context.request.tools.contains("Bash") || context.request.inputTokens > 10 };`);
  const small = { tools: ['Read'], inputTokens: 1 };

  it.each([
    ['too many tools', { tools: Array(512).fill('Read') }, /more than 511/],
    ['tools with long names', { tools: ['x'.repeat(70_000)] }, /65536/],
    ['a long effort', { effort: 'x'.repeat(70_000) }, /65536/],
    ['an estimate that is none', { inputTokens: NaN }, /could not be decided/],
    ['half a character', { tools: ['\ud800'] }, /could not be decided/],
  ])('is denied: %s', (_, request, reason) => {
    expect(
      policy.decide(question({ request: { ...small, ...request } })),
    ).toMatchObject({ effect: 'deny', reason: expect.stringMatching(reason) });
    expect(policy.decide(question({ request: small })).effect).toBe('permit');
  });

  it('is denied as the name of a model', () => {
    const named = (id: string) => question({ model: { id }, request: small });
    expect(policy.decide(named('x'.repeat(500))).effect).toBe('permit');
    expect(policy.decide(named('x'.repeat(501))).effect).toBe('deny');
    expect(policyOf(ALL).decide(named('x\ud800')).effect).toBe('deny');
    const { caller } = question({ caller: { limits: { models: ['x*'] } } });
    expect(policy.decide({ ...named('x'.repeat(501)), caller })).toMatchObject({
      effect: 'deny',
      reason: expect.stringContaining('longer than 500'),
    });
  });

  it('is let through when no policy reads it', () => {
    const tools = Array(2_000).fill('x'.repeat(100));
    expect(policyOf(ALL).decide(question({ request: { tools } })).effect).toBe(
      'permit',
    );
  });

  it('is logged once a minute and not with each request', () => {
    const logger = mockServices.logger.mock();
    const config = mockServices.rootConfig({
      data: {
        aiProxy: {
          policy: {
            policies:
              '@id("broken") forbid (principal, action, resource) when { context.time.hour * 9007199254740991 * 9007199254740991 > 1 };',
          },
        },
      },
    });
    const broken = new ModelPolicy({ config, logger });
    for (let i = 0; i < 3; i++) {
      expect(broken.decide(question()).policies).toEqual(['broken']);
    }
    expect(logger.warn).toHaveBeenCalledTimes(1);
  });
});

describe('lists of models', () => {
  const models = Array.from({ length: 300 }, (_, index) => ({
    ...opus,
    id: `model-${index}`,
    family: `family-${index % 10}`,
  }));

  it('show what some request could be permitted, whatever it may be', () => {
    const policy = policyOf(`@id("small")
permit (principal, action == Action::"use_model", resource)
when { context.request.inputTokens < 1000 };
@id("at-work")
forbid (principal, action == Action::"use_model", resource in Family::"family-3")
unless { context has component && context.component in System::"system:default/shop" };
@id("never")
forbid (principal, action == Action::"use_model", resource in Family::"family-4");`);
    const listed = models.filter(policy.mayUse(question().caller));
    expect(listed).toHaveLength(270);
    expect(listed.some(({ family }) => family === 'family-3')).toBe(true);
  });

  it('decide once for models between which policies make no difference', () => {
    const policy = policyOf(
      `${ALL}@id("a") forbid (principal, action, resource in Family::"family-3");
@id("b") forbid (principal, action == Action::"use_model", resource)
when { resource.id like "*-7" || resource.provider == Provider::"x" };`,
    );
    const decide = jest.spyOn(policy.current, 'decideBound');
    const { caller } = question();
    expect(models.filter(policy.mayUse(caller))).toHaveLength(269);
    expect(decide.mock.calls.length).toBe(3);
    models.filter(policy.mayUse({ ...caller }));
    expect(decide.mock.calls.length).toBe(3);
    models.filter(policy.mayUse({ ...caller, teams: [] }));
    expect(decide.mock.calls.length).toBe(6);
  });

  it('forget when the policies change, and at the next minute when they read the time', () => {
    const config = mockServices.rootConfig();
    const set = (policies: string) =>
      config.update({
        data: { aiProxy: { policy: { default: false, policies } } },
      });
    set(ALL);
    const policy = new ModelPolicy({
      config,
      logger: mockServices.logger.mock(),
    });
    const { caller } = question();
    const sees = (now: string) => policy.mayUse(caller, new Date(now))(opus);
    expect(sees('2026-11-18T11:59:30Z')).toBe(true);
    set(
      '@id("a") permit (principal, action, resource) when { context.time.hour < 12 };',
    );
    policy.reload();
    expect(sees('2026-11-18T11:59:59Z')).toBe(true);
    expect(sees('2026-11-18T12:00:00Z')).toBe(false);
  });
});

it('says of a model what the catalogue has', () => {
  expect(
    policyModelOf({
      id: 'own',
      provider: anthropic,
      known: undefined,
      isPriced: false,
    }),
  ).toEqual({
    id: 'own',
    provider: anthropic,
    openWeights: false,
    retention: 'agreement',
    status: 'unknown',
    priced: false,
  });
  expect(
    policyModelOf({
      id: 'llama',
      provider: anthropic,
      retention: 'unknown',
      isPriced: true,
      known: {
        id: 'llama',
        provider: 'anthropic',
        name: 'Llama',
        family: 'llama',
        limits: { context: 8_000 },
        capabilities: {
          reasoning: false,
          toolCalls: true,
          attachments: false,
          structuredOutput: false,
          temperature: true,
          inputModalities: ['text'],
          outputModalities: ['text'],
          openWeights: true,
        },
        prices: { input: 1, output: 2 },
      },
    }),
  ).toEqual({
    id: 'llama',
    provider: anthropic,
    family: 'llama',
    openWeights: true,
    retention: 'unknown',
    status: 'stable',
    contextTokens: 8_000,
    priced: true,
  });
});

it.each([
  ['GPT-5', 'gpt-5'],
  ['GPT-5-2026-01-01', 'gpt-5-2026-01-01'],
  ['gpt-5-LATEST', 'gpt-5-latest'],
  ['gpt-5', 'gpt-5'],
])('writes %s as the catalogue does, as policies compare letters', (id, as) => {
  const known = { id: 'gpt-5', limits: {}, capabilities: {} } as CatalogueModel;
  expect(
    policyModelOf({ id, provider: anthropic, known, isPriced: true }).id,
  ).toBe(as);
});
