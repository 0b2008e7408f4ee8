import type { Provider } from '../providers';
import type { Exchange, Reserved } from '../requests';
import type { BatchStore } from './BatchStore';
import type {
  BatchAmount,
  BatchDemand,
  BatchUse,
  ModelBatch,
} from './ModelBatch';
import type { BatchStages } from './stages';

const NOTHING: BatchAmount = { nanoUsd: 0, tokens: 0, requests: 0 };

/** What one batch has set aside, for each model. */
type Held = Array<{ demand: BatchDemand; reserved: Reserved }>;

/**
 * What batches have set aside of budgets. It stays so until their results are
 * counted, hours later maybe, by whichever replica; the replica that made the batch
 * then settles it. One that ends before settles it with all that was set aside, and
 * one that crashes leaves it so: never too little is counted, and nothing is given
 * back then.
 */
export class BatchReservations {
  readonly #stages: Pick<BatchStages, 'reserveBatch'>;
  readonly #store: BatchStore;
  readonly #held = new Map<string, Held>();

  constructor(options: {
    stages: Pick<BatchStages, 'reserveBatch'>;
    store: BatchStore;
  }) {
    this.#stages = options.stages;
    this.#store = options.store;
  }

  /**
   * Sets aside what a batch may take.
   *
   * @returns what is to become of it: nothing was made; or something, of which nobody will tell what it took; or a batch
   * @throws RefusedError when a budget is used up
   */
  async reserve(
    exchange: Exchange,
    provider: Provider,
    demands: BatchDemand[],
  ): Promise<BatchReservation> {
    const held: Held = [];
    try {
      for (const demand of demands) {
        const reserved = await this.#stages.reserveBatch(
          exchange,
          { provider, model: demand.model },
          amountOf(demand),
        );
        held.push({ demand, reserved });
      }
    } catch (error) {
      held.forEach(({ reserved }) => reserved.settle(NOTHING));
      throw error;
    }
    return {
      giveBack: () => held.forEach(({ reserved }) => reserved.settle(NOTHING)),
      takeAll: () => settleWhole(held),
      holdFor: batch => {
        this.#held.set(keyOf(batch), held);
      },
    };
  }

  /** Settles what a batch has set aside here, if anything. */
  settle(
    batch: Pick<ModelBatch, 'provider' | 'id'>,
    used: readonly BatchUse[],
  ): void {
    const key = keyOf(batch);
    for (const { demand, reserved } of this.#held.get(key) ?? []) {
      const { model } = demand;
      reserved.settle(used.find(one => one.model === model) ?? NOTHING);
    }
    this.#held.delete(key);
  }

  /** Settles what batches have set aside here that other replicas have counted. */
  async settleCounted(): Promise<void> {
    for (const key of [...this.#held.keys()]) {
      const [provider, id] = JSON.parse(key);
      const batch = await this.#store.find(provider, id);
      if (!batch) {
        settleWhole(this.#held.get(key) ?? []);
        this.#held.delete(key);
      } else if (batch.used) {
        this.settle(batch, batch.used);
      }
    }
  }

  /** Settles all, as the replica ends. */
  close(): void {
    this.#held.forEach(settleWhole);
    this.#held.clear();
  }
}

/** What was set aside for a batch. */
export interface BatchReservation {
  /** Nothing was made. */
  giveBack(): void;
  /** Something may have been made, of which nobody will tell what it took. */
  takeAll(): void;
  /** Until the batch is counted. */
  holdFor(batch: Pick<ModelBatch, 'provider' | 'id'>): void;
}

function amountOf(demand: BatchDemand): BatchAmount {
  return {
    nanoUsd: demand.nanoUsd,
    tokens: demand.inputTokens + demand.outputTokens,
    requests: demand.requests,
  };
}

function settleWhole(held: Held): void {
  held.forEach(({ demand, reserved }) => reserved.settle(amountOf(demand)));
}

function keyOf({ provider, id }: Pick<ModelBatch, 'provider' | 'id'>): string {
  return JSON.stringify([provider, id]);
}
