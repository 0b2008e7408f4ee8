import type { JsonObject } from '@backstage/types';

/** More than any run needs, by unit: budgets are counted and asked, and never used up. */
const ENOUGH: Record<string, number> = {
  usd: 1_000_000,
  tokens: 1_000_000_000_000,
  requests: 1_000_000_000,
};

/** Of those who ask, and of the organisation: all of them apply to every request. */
const BUDGETS = [
  { name: 'user-day', unit: 'usd', window: 'day', per: 'user' },
  { name: 'user-month', unit: 'usd', window: 'month', per: 'user' },
  { name: 'user-rate', unit: 'requests', window: 'minute', per: 'user' },
  { name: 'team-month', unit: 'usd', window: 'month', per: 'team' },
  { name: 'team-tokens', unit: 'tokens', window: 'day', per: 'team' },
  { name: 'organisation', unit: 'usd', window: 'month', per: 'none' },
];

/**
 * The section `aiProxy`: one provider, budgets, and defaults wherever there are
 * some.
 *
 * @param upstream - origin of the provider
 */
export function proxyConfig(upstream: string): JsonObject {
  return {
    providers: {
      openai: {
        api: 'openai',
        baseUrl: `${upstream}/v1`,
        keys: [{ value: 'not-a-key' }],
      },
    },
    // What the package brings; nothing is fetched while requests are timed.
    models: { url: false },
    budgets: BUDGETS.map(budget => ({
      ...budget,
      limit: ENOUGH[budget.unit],
    })),
  };
}
