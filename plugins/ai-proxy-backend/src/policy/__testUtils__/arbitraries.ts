import fc from 'fast-check';
import type {
  ModelCaller,
  ModelUse,
  PolicyComponent,
  PolicyModel,
  PolicyRequest,
} from '../ModelQuestion';

const OVERFLOW = '9007199254740991 * 9007199254740991';

const conditionsOnOthers = [
  'resource.id like "claude-*"',
  'resource.id == "gpt-5"',
  '["gpt-5", "llama"].contains(resource.id)',
  'resource == Model::"anthropic/gpt-5"',
  'resource in Provider::"anthropic"',
  'resource in [Provider::"local", Provider::"x"]',
  'resource in Family::"claude-opus"',
  'resource.provider in Provider::"anthropic"',
  'resource.provider.name == resource.id',
  'resource.provider.retention == Retention::"agreement"',
  'resource.retention != Retention::"unknown"',
  'resource.status == ModelStatus::"unknown"',
  'resource.openWeights',
  'resource.priced',
  '(resource has contextTokens && resource.contextTokens > 200000)',
  'principal in Team::"group:default/a"',
  'principal is User in Team::"group:default/b"',
  '(principal is Service && principal has entityRef && principal.entityRef == "component:default/bot")',
  'context.client.id == "ide"',
  'context.scopes.contains("models:use")',
  'context.claims.amr.contains("mfa")',
  '(context.claims has authAgeSeconds && context.claims.authAgeSeconds < 60)',
  '(context.network has address && context.network.address.isInRange(ip("10.0.0.0/8")))',
  'context.network.names.contains("office")',
  '(context.device.hasTag("managed") && context.device.getTag("managed") == "yes")',
  'context.time.hour < 12',
  'context.time.now >= datetime("2026-11-18T12:00:00Z")',
  `${OVERFLOW} == 1`,
];

const conditionsOnRequests = [
  'context.request.inputTokens > 200000',
  '(1000 >= context.request.inputTokens)',
  'context.request.inputTokens == 200001',
  'context.request.inputTokens != 200000',
  'context.request.inputTokens + 1 > 200000',
  `context.request.inputTokens * ${OVERFLOW} > 3`,
  '(context.request has maxOutputTokens && context.request.maxOutputTokens <= 4096)',
  '(context.request has maxOutputTokens && context.request.maxOutputTokens < context.request.inputTokens)',
  '(context.request has effort && ["high", "max"].contains(context.request.effort))',
  '(context.request has reasoningTokens && context.request.reasoningTokens > 4096)',
  'context.request.tools.contains("Bash")',
  '["Bash", "Read"].containsAll(context.request.tools)',
  'context.request.serverTools.isEmpty()',
  'context.request.modalities.contains("image")',
  'context.request.streaming',
  'context.request.stored',
  'context.request.format == "openai-chat"',
  'context has component',
  '(context has component && context.component in System::"system:default/shop")',
  '(context has component && context.component == Component::"component:default/api")',
];

/** A condition, of parts and what can be around them. */
function condition(parts: string[]): fc.Arbitrary<string> {
  return fc.letrec<{ any: string }>(tie => ({
    any: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'condition' },
      fc.constantFrom(...parts),
      fc.tuple(tie('any'), tie('any')).map(([a, b]) => `(${a} && ${b})`),
      fc.tuple(tie('any'), tie('any')).map(([a, b]) => `(${a} || ${b})`),
      tie('any').map(a => `!(${a})`),
      fc
        .tuple(tie('any'), tie('any'), tie('any'))
        .map(([a, b, c]) => `(if ${a} then ${b} else ${c})`),
    ),
  })).any;
}

function policySet(parts: string[]): fc.Arbitrary<string> {
  const policy = fc.record({
    effect: fc.constantFrom('permit', 'permit', 'forbid'),
    principal: fc.constantFrom(
      'principal',
      'principal in Team::"group:default/a"',
    ),
    resource: fc.constantFrom(
      'resource',
      'resource in Provider::"anthropic"',
      'resource in Family::"claude-opus"',
    ),
    when: condition(parts),
    unless: fc.option(condition(parts)),
  });
  return fc.array(policy, { minLength: 1, maxLength: 4 }).map(all =>
    all
      .map(
        ({ effect, principal, resource, when, unless }, index) =>
          `@id("p${index}")
${effect} (${principal}, action == Action::"use_model", ${resource})
when { ${when} } ${unless ? `unless { ${unless} }` : ''};`,
      )
      .join('\n'),
  );
}

/** Sets of valid policies, which read whatever can be read. */
export const policies = policySet([
  ...conditionsOnOthers,
  ...conditionsOnRequests,
]);

/** The same, without conditions on requests and components. */
export const policiesWithoutRequests = policySet(conditionsOnOthers);

const provider = fc.record({
  name: fc.constantFrom('anthropic', 'local'),
  retention: fc.constantFrom('agreement' as const, 'unknown' as const),
});

export const model: fc.Arbitrary<PolicyModel> = fc.record(
  {
    id: fc.constantFrom('claude-opus-4', 'gpt-5', 'llama', 'local'),
    provider,
    family: fc.constantFrom('claude-opus', 'gpt'),
    openWeights: fc.boolean(),
    retention: fc.constantFrom('opted-out', 'agreement', 'unknown'),
    status: fc.constantFrom('stable', 'unknown'),
    contextTokens: fc.constantFrom(8_000, 200_000, 1_000_000),
    priced: fc.boolean(),
  },
  {
    requiredKeys: [
      'id',
      'provider',
      'openWeights',
      'retention',
      'status',
      'priced',
    ],
  },
);

export const caller: fc.Arbitrary<ModelCaller> = fc.record({
  kind: fc.constantFrom('user', 'service'),
  uuid: fc.constantFrom('u1', 'u2'),
  entityRef: fc.constant('component:default/bot'),
  teams: fc.subarray(['group:default/a', 'group:default/b', 'group:default/z']),
  client: fc.constantFrom({ id: 'ide', name: 'IDE' }, { id: 'p', name: 'P' }),
  scopes: fc.constant(new Set(['models:use'])),
  claims: fc.record(
    {
      amr: fc.subarray(['mfa', 'pwd']),
      authTime: fc.constantFrom(1795000000, 1795003190.5),
    },
    { requiredKeys: [] },
  ),
  network: fc.record({
    address: fc.constantFrom(undefined, '10.1.2.3', '::ffff:10.1.2.3', 'x'),
    names: fc.subarray(['office', 'vpn']),
    device: fc.constantFrom<Record<string, string>>({}, { managed: 'yes' }),
  }),
});

const request: fc.Arbitrary<PolicyRequest> = fc.record(
  {
    format: fc.constantFrom('openai-chat', 'anthropic-messages'),
    effort: fc.constantFrom('low', 'high', 'budget:4096', 'budget:4097', 'x'),
    maxOutputTokens: fc.constantFrom(1, 4_096, 4_097, 300_000),
    inputTokens: fc.oneof(
      fc.constantFrom(0, 999, 1_000, 1_001, 199_999, 200_000, 200_001, 200_002),
      fc.nat(400_000),
    ),
    tools: fc.subarray(['Bash', 'Read', 'x']),
    serverTools: fc.subarray(['web_search']),
    modalities: fc.subarray(['image']),
    serviceTier: fc.constant('priority'),
    streaming: fc.boolean(),
    background: fc.boolean(),
    store: fc.boolean(),
  },
  {
    requiredKeys: [
      'format',
      'inputTokens',
      'tools',
      'serverTools',
      'modalities',
      'streaming',
      'background',
    ],
  },
);

const component: fc.Arbitrary<PolicyComponent> = fc.record(
  {
    entityRef: fc.constantFrom('component:default/api', 'component:default/x'),
    system: fc.constantFrom('system:default/shop', 'system:default/x'),
    domain: fc.constant('domain:default/x'),
  },
  { requiredKeys: ['entityRef'] },
);

/** Requests to models. */
export const question: fc.Arbitrary<ModelUse> = fc.record({
  caller,
  action: fc.constant('use_model' as const),
  model,
  request,
  component: fc.option(component, { nil: undefined }),
  now: fc.constantFrom(
    new Date('2026-11-18T11:59:59.999Z'),
    new Date('2026-11-18T12:00:00Z'),
    new Date('2026-11-18T12:30:00Z'),
  ),
});
