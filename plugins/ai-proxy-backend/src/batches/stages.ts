import type { Provider } from '../providers';
import type { Exchange, InferenceStages, Reserved } from '../requests';
import type { BatchAdjustment, BatchDemand, ModelBatch } from './ModelBatch';

/** What is done with each request of a batch, as with any other request to a model, and with all of them together. */
export interface BatchStages
  extends Pick<
    InferenceStages,
    | 'routes'
    | 'find'
    | 'estimateInput'
    | 'deny'
    | 'guards'
    | 'createMeter'
    | 'costOf'
    | 'record'
  > {
  /**
   * Sets aside what all requests of a batch may take.
   *
   * @throws RefusedError when a budget is used up
   */
  reserveBatch(
    exchange: Exchange,
    provider: Provider,
    demands: BatchDemand[],
  ): Reserved | Promise<Reserved>;
  /**
   * Corrects budgets when it is known what a batch has used. At most once for
   * each batch; a crash in between leaves what was counted when it was made.
   */
  adjustBudgets(
    batch: ModelBatch,
    adjustments: BatchAdjustment[],
  ): void | Promise<void>;
  /** Waits until recorded usage is stored, so that the results of a large batch do not flood it. */
  flush?(): Promise<void>;
}
