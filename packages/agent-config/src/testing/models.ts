import type { ModelApi, OfferedModel } from '../clients';

/** A model that calls tools. */
export function someModel(
  api: ModelApi,
  id: string,
  changes: Partial<OfferedModel> = {},
): OfferedModel {
  return {
    api,
    id,
    name: id.toUpperCase(),
    limits: { context: 200_000, output: 64_000 },
    capabilities: {
      reasoning: true,
      toolCalls: true,
      attachments: true,
      temperature: true,
      inputModalities: ['text', 'image'],
      outputModalities: ['text'],
    },
    prices: { input: 3, output: 15, cacheRead: 0.3, cacheWrite5m: 3.75 },
    ...changes,
  };
}

/** One model of each API. */
export const MODELS: OfferedModel[] = [
  someModel('anthropic', 'claude-sonnet-5-5'),
  someModel('anthropic', 'claude-haiku-4-5'),
  someModel('openai', 'gpt-6.1-sol'),
  someModel('google-ai-studio', 'gemini-3.8-flash'),
  someModel('compat', 'qwen/qwen3-coder'),
];

export const URLS = {
  baseURL: 'https://portal.example.com/api/ai-proxy',
  rootURL: 'https://portal.example.com',
  issuer: 'https://portal.example.com/api/agent-auth',
};
