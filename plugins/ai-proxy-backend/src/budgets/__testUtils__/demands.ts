import type { Demand } from '../matching';

/** A request of somebody, with all that is not said. */
export function demandOf(changes: Partial<Demand> = {}): Demand {
  return {
    user: '11111111-1111-4111-8111-111111111111',
    kind: 'user',
    teams: ['group:default/platform'],
    client: 'opencode',
    connectionId: 'connection-1',
    provider: 'openai',
    model: 'gpt-5.5',
    ...changes,
  };
}

/** So many requests, with 100 tokens each that cost 0.01 US dollars. */
export function requests(count: number) {
  return { requests: count, tokens: count * 100, nanoUsd: count * 10_000_000 };
}
