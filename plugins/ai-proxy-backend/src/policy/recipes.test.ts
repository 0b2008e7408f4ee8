import { readFileSync } from 'node:fs';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import {
  policyOf,
  providerQuestion,
  question,
  type Changes,
} from './__testUtils__/questions';
import type { ModelQuestion, PolicyModel, ProviderUse } from './ModelQuestion';

const text = readFileSync(
  resolvePackagePath(
    '@prompt-corner/plugin-ai-proxy-backend',
    '../../docs/model-policy.md',
  ),
  'utf8',
);

/** The policies of each recipe, by its heading. */
const recipes = new Map(
  [...text.matchAll(/^### (.+)\n\n```cedar\n([^]*?)```$/gm)].map(
    ([, title, policies]) => [title, policies],
  ),
);

type Effect = 'permit' | 'deny';

const uses = (team: string, changes: Changes = {}) =>
  question({ ...changes, caller: { teams: [`group:default/${team}`] } });
const keeps = (
  team: string,
  action: ProviderUse['action'],
  provider?: ProviderUse['provider'],
) => {
  const { caller } = uses(team);
  return providerQuestion(action, { caller, ...(provider && { provider }) });
};
const asks = (request: Changes['request']) => question({ request });
const service = (entityRef: string, changes: Changes = {}) =>
  question({ ...changes, caller: { kind: 'service', entityRef, teams: [] } });
const from = (address?: string, names: string[] = []) =>
  question({ caller: { network: { address, names, device: {} } } });

const local = { name: 'local', retention: 'unknown' } as const;
const llama: Partial<PolicyModel> = {
  id: 'llama-4',
  provider: local,
  family: 'llama',
  openWeights: true,
  retention: 'unknown',
};
const sonnet: Partial<PolicyModel> = {
  id: 'claude-sonnet-4-5',
  family: 'claude-sonnet',
};
const asksSonnet = (request: Changes['request']) =>
  question({ model: sonnet, request });
const unknown: Partial<PolicyModel> = {
  status: 'unknown',
  family: undefined,
  priced: false,
};
const night = new Date('2026-11-18T22:00:00Z');
const sunday = new Date('2026-11-22T12:00:00Z');
const inPayments = {
  entityRef: 'component:default/ledger',
  domain: 'domain:default/payments',
};
const BOT = 'component:default/triage-bot';

const expectations: Record<string, Array<[ModelQuestion, Effect]>> = {
  'Contractors use open-weight models only': [
    [uses('contractors'), 'deny'],
    [uses('contractors', { model: llama }), 'permit'],
    [uses('contractors', { model: unknown }), 'deny'],
    [keeps('contractors', 'use_batches'), 'deny'],
    [keeps('contractors', 'use_files'), 'permit'],
    [uses('checkout'), 'permit'],
  ],
  "Contractors' data goes to a local server only": [
    [uses('contractors'), 'deny'],
    [uses('contractors', { model: llama }), 'permit'],
    [keeps('contractors', 'use_files'), 'deny'],
    [keeps('contractors', 'use_files', local), 'permit'],
    [question(), 'permit'],
  ],
  'Opus, and much reasoning, for a team only': [
    [question(), 'deny'],
    [uses('research'), 'permit'],
    [uses('research', { request: { effort: 'max' } }), 'permit'],
    [question({ model: sonnet }), 'permit'],
    [question({ model: sonnet, request: { effort: 'medium' } }), 'permit'],
    [question({ model: sonnet, request: { effort: 'high' } }), 'deny'],
    [question({ model: sonnet, request: { effort: 'enormous' } }), 'deny'],
    [question({ model: sonnet, request: { effort: 'budget:8192' } }), 'permit'],
    [question({ model: sonnet, request: { effort: 'budget:8193' } }), 'deny'],
    // To Gemini, -1 means as much as it likes.
    [question({ model: sonnet, request: { effort: 'budget:-1' } }), 'deny'],
    [asksSonnet({ effort: 'low', reasoningTokens: 8192 }), 'permit'],
    [asksSonnet({ effort: 'low', reasoningTokens: 8193 }), 'deny'],
    [asksSonnet({ effort: 'max', reasoningTokens: 100 }), 'deny'],
    [providerQuestion('use_batches'), 'deny'],
    [keeps('research', 'use_batches'), 'permit'],
  ],
  'A group uses models with a retention agreement only': [
    [uses('finance'), 'permit'],
    [uses('finance', { model: { retention: 'opted-out' } }), 'deny'],
    [uses('finance', { model: llama }), 'deny'],
    [uses('checkout', { model: llama }), 'permit'],
    [keeps('finance', 'use_files'), 'permit'],
    [keeps('finance', 'use_files', local), 'deny'],
    [keeps('finance', 'use_stored_responses', local), 'deny'],
  ],
  'More than 200,000 tokens for the platform team only': [
    [asks({ inputTokens: 200_000 }), 'permit'],
    [asks({ inputTokens: 200_001 }), 'deny'],
    [uses('platform-team', { request: { inputTokens: 200_001 } }), 'permit'],
  ],
  'No web search of the provider beside tools that read internal data': [
    [asks({}), 'permit'],
    [asks({ serverTools: ['web_search'] }), 'deny'],
    [asks({ serverTools: ['code_execution', 'web_fetch'] }), 'deny'],
    [asks({ serverTools: ['code_execution'] }), 'permit'],
    [asks({ serverTools: ['web_search'], tools: ['Read', 'Grep'] }), 'permit'],
    [asks({ serverTools: ['web_search'], tools: ['mcp__wiki'] }), 'deny'],
  ],
  'Of the tools that providers run, web search only': [
    [asks({}), 'permit'],
    [asks({ serverTools: ['web_search'] }), 'permit'],
    [asks({ serverTools: ['web_search', 'mcp'] }), 'deny'],
  ],
  'Services ask large models at night only': [
    [service(BOT), 'deny'],
    [service(BOT, { now: night }), 'permit'],
    [service(BOT, { now: sunday }), 'permit'],
    [service(BOT, { model: llama }), 'permit'],
    [providerQuestion('use_batches', { caller: service(BOT).caller }), 'deny'],
    [question(), 'permit'],
  ],
  "Only from the company's networks": [
    [from('10.3.4.5'), 'permit'],
    [from('::ffff:10.3.4.5'), 'permit'],
    [from('203.0.113.7', ['office']), 'permit'],
    [from('203.0.113.7'), 'deny'],
    [from(), 'deny'],
    [providerQuestion('use_files'), 'deny'],
  ],
  'Unknown models are forbidden': [
    [question(), 'permit'],
    [question({ model: unknown }), 'deny'],
    [question({ model: { priced: false } }), 'permit'],
  ],
  'No model without a price, but on the local server': [
    [question(), 'permit'],
    [question({ model: { priced: false } }), 'deny'],
    [question({ model: { ...llama, ...unknown } }), 'permit'],
  ],
  'Previews and what ends soon are for trying out': [
    [service(BOT), 'permit'],
    [service(BOT, { model: { status: 'beta' } }), 'deny'],
    [service(BOT, { model: { status: 'deprecated' } }), 'deny'],
    [question({ model: { status: 'beta' } }), 'permit'],
  ],
  'The code of a domain goes to one provider only': [
    [question({ component: inPayments }), 'deny'],
    [question({ component: inPayments, model: llama }), 'permit'],
    [question({ component: { entityRef: 'component:default/x' } }), 'permit'],
    [question(), 'permit'],
    [uses('payments'), 'deny'],
    [uses('payments', { component: inPayments, model: llama }), 'permit'],
  ],
  'A service asks one model, with a small answer': [
    [service(BOT), 'deny'],
    [
      service(BOT, {
        model: { id: 'claude-haiku-4-5' },
        request: { maxOutputTokens: 2_000 },
      }),
      'permit',
    ],
    [
      service(BOT, {
        model: { id: 'claude-haiku-4-5' },
        request: { maxOutputTokens: undefined },
      }),
      'deny',
    ],
    [providerQuestion('use_files', { caller: service(BOT).caller }), 'deny'],
    [service('component:default/other'), 'permit'],
    [question(), 'permit'],
  ],
};

it('has expectations of every recipe', () => {
  expect([...recipes.keys()]).toEqual(Object.keys(expectations));
  expect(text.match(/```cedar/g)).toHaveLength(recipes.size);
});

describe.each(Object.entries(expectations))('%s', (title, calls) => {
  it('loads without a warning, and decides as it says', () => {
    const policy = policyOf(recipes.get(title)!, { default: true });
    expect(policy.status().warnings).toEqual([]);
    expect(calls.map(([asked]) => policy.decide(asked).effect)).toEqual(
      calls.map(([, effect]) => effect),
    );
  });
});

it('loads all recipes together', () => {
  const all = [...recipes.values()].join('\n');
  expect(policyOf(all, { default: true }).status().warnings).toEqual([]);
});
