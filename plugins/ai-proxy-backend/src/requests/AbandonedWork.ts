import { randomUUID } from 'node:crypto';
import type {
  TokenUsage,
  UsageEvent,
} from '@prompt-corner/plugin-ai-proxy-common';
import { allTokensOf } from '../metering';
import type { Candidate } from '../providers';
import type { InferenceRequest } from '../wire';
import type { Exchange } from './Exchange';
import { failureOf, tell } from './outcome';
import type { InferenceStages, Reserved } from './stages';

/**
 * What is taken by providers that a request leaves while they work: its input at
 * least, or whoever leaves early enough would ask for nothing.
 */
export class AbandonedWork {
  readonly #exchange: Exchange;
  readonly #stages: Pick<InferenceStages, 'costOf' | 'record'>;
  /** By the error with which each provider was left. */
  readonly #events = new Map<unknown, UsageEvent>();

  constructor(
    exchange: Exchange,
    stages: Pick<InferenceStages, 'costOf' | 'record'>,
  ) {
    this.#exchange = exchange;
    this.#stages = stages;
  }

  /** Counts what one of them takes, also in the budgets in which it has been reserved. */
  add(
    error: unknown,
    work: {
      candidate: Candidate;
      reserved: Reserved;
      tokens: TokenUsage;
      asked: InferenceRequest;
    },
  ): void {
    const { candidate, reserved, tokens, asked } = work;
    const source = 'estimated' as const;
    const { serviceTier } = asked;
    const metered = { tokens, source, serviceTier };
    const cost = this.#stages.costOf(candidate, metered);
    reserved.settle({
      nanoUsd: cost.costNanoUsd ?? 0,
      tokens: allTokensOf(tokens),
      requests: 1,
    });
    const event = this.#exchange.event({
      ...failureOf(tell(error), asked),
      provider: candidate.provider.name,
      model: candidate.model,
      tokens,
      usageSource: source,
      ...cost,
    });
    this.#events.set(error, event);
  }

  /** The event of a request that ends with this error, where a provider works on it. */
  take(error: unknown): UsageEvent | undefined {
    const event = this.#events.get(error);
    this.#events.delete(error);
    return event;
  }

  /** Records what others took that were asked before. */
  recordOthers(): void {
    for (const event of this.#events.values()) {
      this.#stages.record({
        ...event,
        // The request itself has its own event, with all attempts and findings.
        id: randomUUID(),
        attempts: 0,
        detectors: undefined,
      });
    }
  }
}
