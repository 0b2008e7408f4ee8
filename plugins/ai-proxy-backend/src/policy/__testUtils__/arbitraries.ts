import {
  CALLER,
  CONDITIONS_ON_CALLERS,
  OVERFLOW,
  policySets,
} from '@prompt-corner/backend-testing/policies';
import fc from 'fast-check';
import type {
  ModelCaller,
  ModelUse,
  PolicyComponent,
  PolicyModel,
  PolicyRequest,
} from '../ModelQuestion';

const conditionsOnOthers = [
  ...CONDITIONS_ON_CALLERS,
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
  'context.scopes.contains("models:use")',
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

function setsOf(conditions: string[]) {
  return policySets({
    action: 'use_model',
    resources: [
      'resource',
      'resource in Provider::"anthropic"',
      'resource in Family::"claude-opus"',
    ],
    conditions,
  });
}

/** Sets of valid policies, which read whatever can be read. */
export const policies = setsOf([
  ...conditionsOnOthers,
  ...conditionsOnRequests,
]);

/** The same, without conditions on requests and components. */
export const policiesWithoutRequests = setsOf(conditionsOnOthers);

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
  ...CALLER,
  kind: fc.constantFrom('user', 'service'),
  entityRef: fc.constant('component:default/bot'),
  scopes: fc.constant(new Set(['models:use'])),
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
