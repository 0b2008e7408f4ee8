import type { Candidate } from '../providers';
import type { Exchange, InferenceStages, Reserved } from '../requests';
import type { BatchAmount } from './ModelBatch';

/** What is done with each request of a batch, as with any other request to a model, and with all of them together. */
export interface BatchStages
  extends Pick<
    InferenceStages,
    | 'routes'
    | 'find'
    | 'prompts'
    | 'inputEstimates'
    | 'deny'
    | 'guards'
    | 'createMeter'
    | 'costOf'
    | 'record'
  > {
  /**
   * Sets aside what the requests of a batch to one model may take.
   *
   * @throws RefusedError when a budget is used up
   */
  reserveBatch(
    exchange: Exchange,
    candidate: Candidate,
    amount: BatchAmount,
  ): Reserved | Promise<Reserved>;
  /** Waits until recorded usage is stored, so that the results of a large batch do not flood it. */
  flush?(): Promise<void>;
}
