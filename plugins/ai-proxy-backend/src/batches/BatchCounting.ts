import { createHash } from 'node:crypto';
import type { UsageEvent } from '@prompt-corner/plugin-ai-proxy-common';
import { allTokensOf } from '../metering';
import type { Candidate, Provider } from '../providers';
import { Metered, NO_TOKENS } from '../requests';
import { batchCost } from './batchCost';
import type { BatchStore } from './BatchStore';
import type { BatchReservations } from './BatchReservations';
import type { BatchDemand, BatchUse, ModelBatch } from './ModelBatch';
import type { BatchResult } from './ResultReader';
import type { BatchStages } from './stages';

/** After so many usage events, those before are waited for. */
const EVENTS_AT_ONCE = 200;

/**
 * Counts what batches used.
 *
 * - When a batch is made, all that it may use is set aside of budgets, and counts as
 *   spent from then on: the input, estimated, and the most output, at the price for
 *   batches.
 * - When its results pass for the first time, to the end, each request in it
 *   becomes a usage event of the time when the batch was made. Its id follows from
 *   the batch and the custom id, so that a second download, or a second replica,
 *   makes none besides. One replica marks the batch as counted; what was set aside
 *   is settled with what it took, by the replica that made it.
 * - When nobody fetches the results, the proxy does: see `BatchCollection`.
 * - When they cannot be had any more, usage counts what was estimated, marked so,
 *   and budgets keep what was set aside.
 *
 * Usage is told first and the batch marked then: a crash in between repeats
 * events, which have the same ids.
 */
export class BatchCounting {
  readonly #store: BatchStore;
  readonly #stages: BatchStages;
  readonly #reservations: BatchReservations;
  readonly #discountPercent: number;

  constructor(options: {
    store: BatchStore;
    stages: BatchStages;
    reservations: BatchReservations;
    discountPercent: number;
  }) {
    this.#store = options.store;
    this.#stages = options.stages;
    this.#reservations = options.reservations;
    this.#discountPercent = options.discountPercent;
  }

  /**
   * Counts the results of a batch.
   *
   * @returns false when it was counted before
   */
  async count(
    batch: ModelBatch,
    provider: Provider,
    results: BatchResult[],
  ): Promise<boolean> {
    const used = batch.demands.map(nothingUsed);
    for (const [index, result] of results.entries()) {
      const [event, demand] = demandsOf(batch, result.metered.model)
        .map((one): [UsageEvent, BatchDemand] => [
          this.#eventOf(batch, provider, one, result),
          one,
        ])
        .reduce(dearer);
      this.#stages.record(event);
      const sum = used[batch.demands.indexOf(demand)];
      sum.nanoUsd += event.costNanoUsd ?? 0;
      sum.tokens += allTokensOf(event.tokens);
      sum.requests += 1;
      if (index % EVENTS_AT_ONCE === EVENTS_AT_ONCE - 1) {
        await this.#stages.flush?.();
      }
    }
    const isFirst = await this.#store.markCounted(batch, Date.now(), used);
    if (isFirst) {
      this.#reservations.settle(batch, used);
    }
    return isFirst;
  }

  /** Counts what was estimated, as the results cannot be had. */
  async countEstimate(batch: ModelBatch): Promise<void> {
    for (const demand of batch.demands) {
      this.#stages.record({
        ...batch.account,
        id: eventId(batch, 'estimate', demand.model),
        operation: demand.format,
        model: demand.model,
        requestedModel: demand.requestedModel,
        tokens: {
          ...NO_TOKENS,
          inputTokens: demand.inputTokens,
          outputTokens: demand.outputTokens,
        },
        usageSource: 'estimated',
        costNanoUsd: demand.nanoUsd,
        undiscountedNanoUsd: demand.nanoUsd,
      });
    }
    const used = batch.demands.map(demand => ({
      model: demand.model,
      nanoUsd: demand.nanoUsd,
      tokens: demand.inputTokens + demand.outputTokens,
      requests: demand.requests,
    }));
    if (await this.#store.markCounted(batch, Date.now(), used)) {
      this.#reservations.settle(batch, used);
    }
  }

  #eventOf(
    batch: ModelBatch,
    provider: Provider,
    demand: BatchDemand,
    { customId, status, metered }: BatchResult,
  ): UsageEvent {
    const candidate: Candidate = { provider, model: demand.model };
    return {
      ...batch.account,
      id: eventId(batch, 'result', customId),
      operation: demand.format,
      model: demand.model,
      requestedModel: demand.requestedModel,
      outcome: outcomeOf(status),
      status,
      tokens: metered.tokens,
      usageSource: metered.source,
      ...this.#costOf(candidate, metered),
    };
  }

  #costOf(candidate: Candidate, metered: Metered) {
    return metered.source === 'none'
      ? { costNanoUsd: 0, undiscountedNanoUsd: 0 }
      : batchCost(this.#stages, this.#discountPercent, candidate, metered);
  }
}

/**
 * Whose answer it may be: results name the model's version, and requests maybe the
 * model, or another name of it, which says nothing.
 */
function demandsOf(
  { demands }: ModelBatch,
  model: string | undefined,
): BatchDemand[] {
  const named = demands
    .filter(demand => model?.startsWith(demand.model))
    .sort((a, b) => b.model.length - a.model.length);
  return named.length ? named.slice(0, 1) : demands;
}

/** Too little must not be counted. */
function dearer(
  one: [UsageEvent, BatchDemand],
  other: [UsageEvent, BatchDemand],
): [UsageEvent, BatchDemand] {
  return (other[0].costNanoUsd ?? 0) > (one[0].costNanoUsd ?? 0) ? other : one;
}

function nothingUsed({ model }: BatchDemand): BatchUse {
  return { model, nanoUsd: 0, tokens: 0, requests: 0 };
}

function outcomeOf(status: number): UsageEvent['outcome'] {
  if (status >= 500) {
    return 'failed';
  }
  return status >= 400 ? 'rejected' : 'ok';
}

/** The same for the same: a UUID of version 8 (RFC 9562), made of a hash. */
function eventId(
  { provider, id }: ModelBatch,
  what: 'result' | 'estimate',
  name: string,
): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([provider, id, what, name]))
    .digest('hex');
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-');
}
