import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { UsageEvent } from '@prompt-corner/plugin-ai-proxy-common';
import { UnpackedMeter } from '../answers';
import { JsonDocument, JsonText } from '../json';
import type { OwnedObject, Ownership } from '../ownership';
import type { Provider } from '../providers';
import type { Relay } from '../relay';
import type { Exchange } from '../requests';
import type { Answer } from '../upstream';
import { Fields, textOf } from '../wire';
import type { BatchCollection } from './BatchCollection';
import type { BatchCounting } from './BatchCounting';
import type { BatchStore } from './BatchStore';
import type { BatchDemand, ModelBatch } from './ModelBatch';
import { ResultReader } from './ResultReader';
import type { BatchStages } from './stages';

/** Looks at results as they pass. */
export interface ResultCounter {
  feed(chunk: Buffer): void;
  /** Counts them. Never throws. */
  end(how: 'complete' | 'cut'): Promise<void>;
}

/** Batches that were made: whose their files are, and what they used. */
export class Batches {
  readonly #store: BatchStore;
  readonly #ownership: Ownership;
  readonly #relay: Relay;
  readonly #counting: BatchCounting;
  readonly #collection: BatchCollection;
  readonly #stages: BatchStages;
  readonly #collectAfterMs: number;
  readonly #externalUrl: string;
  readonly #logger: LoggerService;

  constructor(options: {
    store: BatchStore;
    ownership: Ownership;
    relay: Relay;
    counting: BatchCounting;
    collection: BatchCollection;
    stages: BatchStages;
    settings: { collectAfterMs: number };
    /** Of the proxy, as clients know it. */
    externalUrl: string;
    logger: LoggerService;
  }) {
    this.#store = options.store;
    this.#ownership = options.ownership;
    this.#relay = options.relay;
    this.#counting = options.counting;
    this.#collection = options.collection;
    this.#stages = options.stages;
    this.#collectAfterMs = options.settings.collectAfterMs;
    this.#externalUrl = options.externalUrl.replace(/\/+$/, '');
    this.#logger = options.logger;
  }

  /** Notes a batch that a provider has taken, so that its usage is counted. */
  async begin(
    object: OwnedObject,
    account: UsageEvent,
    demands: BatchDemand[],
  ): Promise<void> {
    const { provider, id, target, createdAtMs } = object;
    await this.#store.insert({
      provider,
      id,
      target,
      account,
      demands,
      createdAtMs,
      checkAtMs: createdAtMs + this.#collectAfterMs,
    });
  }

  /** Ends a batch that nobody could be told of. What comes of it is all the same. */
  async cancel(provider: Provider, object: OwnedObject): Promise<void> {
    const path =
      provider.api === 'anthropic' ? '/messages/batches' : '/batches';
    const isDone = await this.#relay.abandon(object, provider, {
      method: 'POST',
      path: `${path}/${encodeURIComponent(object.id)}/cancel`,
    });
    if (!isDone) {
      this.#logger.error(
        `A batch of ${provider.name} runs on that is nobody's: whose it is could not be written down, and it could not be cancelled`,
      );
    }
  }

  /**
   * Makes what a client gets of the description of its batch. Files with results
   * are written down as the client's before it learns their ids. Where the
   * description has the URL of the results, it becomes one of the proxy, as the
   * client would send its token to the provider (Anthropic's SDK 1.11 takes it as it is).
   */
  async present(
    exchange: Exchange,
    batch: OwnedObject,
    { json, body }: { json: Buffer; body: Fields },
  ): Promise<Buffer> {
    await this.#noteFile(batch, textOf(body.output_file_id), {
      resultsOf: batch.id,
    });
    await this.#noteFile(batch, textOf(body.error_file_id), {});
    if (textOf(body.results_url) === undefined) {
      return json;
    }
    const document = new JsonDocument(new JsonText(json, body));
    const { api } = exchange.operation;
    document.set(
      'results_url',
      `${this.#externalUrl}/${api}/v1/messages/batches/${encodeURIComponent(
        batch.id,
      )}/results`,
    );
    return document.bytes();
  }

  /**
   * The batch of which an object has the results.
   *
   * @param object - a batch, or a file
   * @returns undefined when there is none to count, or not any more
   */
  async uncounted(object: OwnedObject): Promise<ModelBatch | undefined> {
    const id = object.kind === 'batch' ? object.id : object.detail.resultsOf;
    const batch =
      id === undefined
        ? undefined
        : await this.#store.find(object.provider, id);
    return batch?.countedAtMs === undefined ? batch : undefined;
  }

  /** Counts the results of a batch while they pass. */
  counterOf(batch: ModelBatch, { response, candidate }: Answer): ResultCounter {
    const reader = new UnpackedMeter(
      new ResultReader({
        format: batch.demands[0].format,
        createMeter: this.#stages.createMeter,
      }),
      response.headers['content-encoding'],
    );
    return {
      feed: chunk => reader.feed(chunk),
      end: async how => {
        try {
          const results = await reader.end(how);
          if (results) {
            await this.#counting.count(batch, candidate.provider, results);
          }
        } catch (error) {
          this.#logger.warn(
            'The results of a batch could not be counted; it is tried again later',
            toError(error),
          );
        }
      },
    };
  }

  /** Counts a batch before it, or its results, cannot be had any more. */
  async beforeDelete(object: OwnedObject): Promise<void> {
    const id = object.kind === 'batch' ? object.id : object.detail.resultsOf;
    if (id !== undefined) {
      await this.#collection.collectNow(object.provider, id);
    }
  }

  async #noteFile(
    { provider, principal, target, createdAtMs }: OwnedObject,
    id: string | undefined,
    detail: OwnedObject['detail'],
  ): Promise<void> {
    if (id === undefined) {
      return;
    }
    const known = await this.#ownership.find(principal, [provider], 'file', id);
    if (!known) {
      await this.#ownership.record({
        provider,
        kind: 'file',
        id,
        principal,
        target,
        createdAtMs,
        detail: { purpose: 'batch_output', ...detail },
      });
    }
  }
}
