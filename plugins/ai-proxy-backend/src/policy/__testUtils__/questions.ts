import { mockServices } from '@backstage/backend-test-utils';
import { ModelPolicy } from '../ModelPolicy';
import type {
  ModelCaller,
  ModelUse,
  PolicyModel,
  PolicyProvider,
  PolicyRequest,
  ProviderUse,
} from '../ModelQuestion';

export const anthropic: PolicyProvider = {
  name: 'anthropic',
  retention: 'agreement',
};

export const opus: PolicyModel = {
  id: 'claude-opus-4-5',
  provider: anthropic,
  family: 'claude-opus',
  openWeights: false,
  retention: 'agreement',
  status: 'stable',
  contextTokens: 200_000,
  priced: true,
};

export const ada: ModelCaller = {
  kind: 'user',
  uuid: '00000000-0000-4000-8000-00000000000a',
  entityRef: 'user:default/ada',
  teams: ['group:default/checkout', 'group:default/engineering'],
  client: { id: 'claude-code', name: 'Claude Code' },
  scopes: new Set(['models:use']),
  claims: {},
  network: { address: '203.0.113.7', names: [], device: {} },
};

export const plain: PolicyRequest = {
  format: 'anthropic-messages',
  inputTokens: 30_000,
  maxOutputTokens: 8_000,
  tools: ['Read', 'Edit', 'Bash'],
  serverTools: [],
  modalities: [],
  streaming: true,
  background: false,
};

const NOON = new Date('2026-11-18T12:00:00Z');

/** What differs from Ada's question. */
export interface Changes {
  caller?: Partial<ModelCaller>;
  model?: Partial<PolicyModel>;
  request?: Partial<PolicyRequest>;
  component?: ModelUse['component'];
  now?: Date;
}

/** Ada asks Claude Opus with Claude Code, at noon of a Wednesday. */
export function question(changes: Changes = {}): ModelUse {
  return {
    action: 'use_model',
    now: NOON,
    ...changes,
    caller: { ...ada, ...changes.caller },
    model: { ...opus, ...changes.model },
    request: { ...plain, ...changes.request },
  };
}

/** Ada uses something that Anthropic keeps. */
export function providerQuestion(
  action: ProviderUse['action'],
  changes: Partial<ProviderUse> = {},
): ProviderUse {
  return { caller: ada, provider: anthropic, now: NOON, ...changes, action };
}

/** Policies in the configuration, without those that come with the proxy. */
export function policyOf(
  policies: string,
  section: Record<string, unknown> = {},
): ModelPolicy {
  return new ModelPolicy({
    config: mockServices.rootConfig({
      data: { aiProxy: { policy: { default: false, policies, ...section } } },
    }),
    logger: mockServices.logger.mock(),
  });
}
