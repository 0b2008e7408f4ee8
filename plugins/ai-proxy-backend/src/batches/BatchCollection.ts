import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import { UnpackedMeter } from '../answers';
import type { Provider } from '../providers';
import { readWhole, Relay } from '../relay';
import { Fields, textOf } from '../wire';
import type { BatchCounting } from './BatchCounting';
import type { BatchStore } from './BatchStore';
import type { ModelBatch } from './ModelBatch';
import { BatchResult, ResultReader } from './ResultReader';
import type { BatchStages } from './stages';

/** In one run. */
const BATCHES_AT_ONCE = 50;

const HOUR_MS = 60 * 60_000;

/** For reading the results of one batch. */
const MAX_READ_MS = 15 * 60_000;

/** For how long a counted batch is known, so that its results do not count again; providers keep them for 30 days. */
const REMEMBERED_MS = 90 * 24 * HOUR_MS;

/** Ends of batches in OpenAI's API; what was done by then is in the output file. */
const ENDED = new Set(['completed', 'failed', 'expired', 'cancelled']);

/**
 * Fetches the results of batches that nobody has fetched, to count them. To be
 * run from time to time, in one replica; another one besides does no harm.
 */
export class BatchCollection {
  readonly #store: BatchStore;
  readonly #relay: Relay;
  readonly #counting: BatchCounting;
  readonly #stages: BatchStages;
  readonly #providers: Provider[];
  readonly #giveUpAfterMs: number;
  readonly #logger: LoggerService;

  constructor(options: {
    store: BatchStore;
    relay: Relay;
    counting: BatchCounting;
    stages: BatchStages;
    providers: Provider[];
    settings: { giveUpAfterMs: number };
    logger: LoggerService;
  }) {
    this.#store = options.store;
    this.#relay = options.relay;
    this.#counting = options.counting;
    this.#stages = options.stages;
    this.#providers = options.providers;
    this.#giveUpAfterMs = options.settings.giveUpAfterMs;
    this.#logger = options.logger;
  }

  /**
   * Looks after all batches that are due. What fails is tried again an hour later.
   *
   * @returns how many are counted now
   */
  async collect(nowMs = Date.now()): Promise<number> {
    let counted = 0;
    for (const batch of await this.#store.due(nowMs, BATCHES_AT_ONCE)) {
      if (await this.#tryOne(batch)) {
        counted++;
      } else if (nowMs - batch.createdAtMs > this.#giveUpAfterMs) {
        await this.#counting.countEstimate(batch);
        this.#logger.warn(
          `The results of batch ${batch.id} of ${batch.provider} could not be had; usage has what was estimated`,
        );
        counted++;
      } else {
        await this.#store.postpone(batch, nowMs + HOUR_MS);
      }
    }
    await this.#store.deleteCountedBefore(nowMs - REMEMBERED_MS);
    return counted;
  }

  /** Counts a batch, if it is at its end and was not counted before. Never throws. */
  async collectNow(provider: string, id: string): Promise<void> {
    try {
      const batch = await this.#store.find(provider, id);
      if (batch && batch.countedAtMs === undefined) {
        await this.#tryOne(batch);
      }
    } catch (error) {
      this.#logger.warn('A batch could not be counted', toError(error));
    }
  }

  async #tryOne(batch: ModelBatch): Promise<boolean> {
    const provider = this.#providers.find(
      ({ name }) => name === batch.provider,
    );
    try {
      const results = provider && (await this.#results(batch, provider));
      if (results) {
        await this.#counting.count(batch, provider, results);
      }
      return results !== undefined;
    } catch (error) {
      this.#logger.warn(
        `Batch ${batch.id} of ${batch.provider} could not be counted; it is tried again later`,
        toError(error),
      );
      return false;
    }
  }

  /** @returns undefined when it has not ended, or is not there */
  async #results(
    batch: ModelBatch,
    provider: Provider,
  ): Promise<BatchResult[] | undefined> {
    const isAnthropic = provider.api === 'anthropic';
    const path = `${
      isAnthropic ? '/messages/batches' : '/batches'
    }/${encodeURIComponent(batch.id)}`;
    const description = await this.#describe(batch, provider, path);
    if (!description) {
      return undefined;
    }
    if (isAnthropic) {
      return description.processing_status === 'ended'
        ? this.#read(batch, provider, `${path}/results`)
        : undefined;
    }
    if (!ENDED.has(String(description.status))) {
      return undefined;
    }
    const file = textOf(description.output_file_id);
    return file === undefined
      ? []
      : this.#read(
          batch,
          provider,
          `/files/${encodeURIComponent(file)}/content`,
        );
  }

  async #describe(
    batch: ModelBatch,
    provider: Provider,
    path: string,
  ): Promise<Fields | undefined> {
    const answer = await this.#relay.askAlone(batch.account.principal, {
      provider,
      pin: batch,
      method: 'GET',
      path,
    });
    const { body } = await readWhole(answer);
    return answer.response.statusCode === 200 ? body : undefined;
  }

  async #read(
    batch: ModelBatch,
    provider: Provider,
    path: string,
  ): Promise<BatchResult[] | undefined> {
    const { response, body, release } = await this.#relay.askAlone(
      batch.account.principal,
      { provider, pin: batch, method: 'GET', path },
    );
    const limit = setTimeout(() => response.destroy(), MAX_READ_MS);
    try {
      if (response.statusCode !== 200 || body) {
        response.resume();
        return undefined;
      }
      const reader = new UnpackedMeter(
        new ResultReader({
          format: batch.demands[0].format,
          createMeter: this.#stages.createMeter,
        }),
        response.headers['content-encoding'],
      );
      for await (const chunk of response as AsyncIterable<Buffer>) {
        reader.feed(chunk);
      }
      return await reader.end(response.complete ? 'complete' : 'cut');
    } finally {
      clearTimeout(limit);
      release();
    }
  }
}
