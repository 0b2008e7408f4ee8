import type { ApiName } from '@prompt-corner/plugin-ai-proxy-common';
import { guardPrompt } from '../guards';
import { AmbiguousJsonError } from '../json';
import type { Ownership } from '../ownership';
import { promptOf } from '../prompts';
import type { Candidate, Provider } from '../providers';
import { Exchange, mostOf, prepareInference } from '../requests';
import type { Pin } from '../upstream';
import {
  InferenceRequest,
  Operation,
  readInference,
  RefusedError,
} from '../wire';
import { batchCost } from './batchCost';
import { BatchPolicy } from './BatchPolicy';
import { invalidBatch } from './CustomIds';
import type { BatchDemand, BatchEntry, BatchQuestion } from './ModelBatch';
import type { BatchStages } from './stages';
import { Demands, Questions } from './sums';
import { Turn } from './Turn';

/** A batch that may be sent. */
export interface CheckedBatch {
  provider: Provider;
  /** Where what its requests refer to lives. */
  pin?: Pin;
  /** What goes to the provider, for each request in their order. */
  requests: Array<{ customId: string; json: Buffer }>;
  demands: BatchDemand[];
  questions: BatchQuestion[];
}

/** A request that was read and inspected. */
interface Read {
  entry: Pick<BatchEntry, 'customId' | 'path' | 'format'>;
  asked: InferenceRequest;
  inputTokens: number;
  /** Without what was taken out. */
  json: Buffer;
}

/**
 * Checks the requests of a batch: each as if it came by itself. One that may not
 * be sent keeps back all of them, as a batch with holes would surprise, and says
 * which one it is.
 */
export class BatchCheck {
  readonly #stages: BatchStages;
  readonly #policy: BatchPolicy;
  readonly #ownership: Ownership;
  readonly #discountPercent: number;

  constructor(options: {
    stages: BatchStages;
    ownership: Ownership;
    discountPercent: number;
  }) {
    this.#stages = options.stages;
    this.#policy = new BatchPolicy(options.stages);
    this.#ownership = options.ownership;
    this.#discountPercent = options.discountPercent;
  }

  /**
   * Checks all requests of a batch.
   *
   * @param providers - at which the caller may use batches; the first that has all models is taken
   * @throws RefusedError naming the request that may not be sent
   */
  async check(
    exchange: Exchange,
    api: ApiName,
    entries: Iterable<BatchEntry>,
    providers: Provider[],
  ): Promise<CheckedBatch> {
    const turn = new Turn();
    const read: Read[] = [];
    let possible = providers;
    for (const entry of entries) {
      try {
        const one = this.#read(exchange, api, entry);
        possible = this.#policy.possible(exchange, one, possible);
        read.push(one);
      } catch (error) {
        throw inNameOf(entry.customId, error);
      }
      await turn.rest();
    }
    if (read.length === 0) {
      throw invalidBatch('The batch has no requests');
    }
    const pin = await this.#ownership.checkReferences(
      exchange.principal.uuid,
      possible.map(({ name }) => name),
      distinct(read.flatMap(({ asked }) => asked.references)),
    );
    const provider = pin
      ? possible.find(({ name }) => name === pin.provider)!
      : possible[0];
    return this.#prepared(exchange, api, read, { provider, pin, turn });
  }

  /**
   * Asks policy again about a file that was checked before.
   *
   * @throws RefusedError
   */
  checkAgain(
    exchange: Exchange,
    provider: Provider,
    questions: BatchQuestion[],
  ): void {
    for (const question of questions) {
      this.#policy.candidateAt(exchange, provider, question);
    }
  }

  #read(exchange: Exchange, api: ApiName, entry: BatchEntry): Read {
    const stages = this.#stages;
    const { format, json, body } = entry;
    const prompt = stages.prompts.read(json, body);
    const asked = readInference(api, format, prompt.text);
    if (asked.streaming) {
      throw invalidBatch(
        'answers of a batch are not streamed. Leave out "stream"',
      );
    }
    const inputTokens = stages.inputEstimates.of(prompt, format);
    return {
      entry: { customId: entry.customId, path: entry.path, format },
      asked,
      inputTokens,
      json: guardPrompt(stages.guards, exchange, prompt).text.bytes,
    };
  }

  async #prepared(
    exchange: Exchange,
    api: ApiName,
    read: Read[],
    { provider, pin, turn }: { provider: Provider; pin?: Pin; turn: Turn },
  ): Promise<CheckedBatch> {
    const requests: CheckedBatch['requests'] = [];
    const demands = new Demands();
    const questions = new Questions();
    for (const [index, one] of read.entries()) {
      try {
        const candidate = this.#policy.candidateAt(exchange, provider, one);
        requests.push({
          customId: one.entry.customId,
          json: this.#bodyFor(exchange, api, one, candidate),
        });
        demands.add(this.#demandOf(candidate, one));
      } catch (error) {
        throw inNameOf(one.entry.customId, error);
      }
      questions.add(one);
      // It is not needed any more.
      read[index] = undefined as unknown as Read;
      await turn.rest();
    }
    return {
      provider,
      pin,
      requests,
      demands: demands.all(),
      questions: questions.all(),
    };
  }

  #demandOf(
    candidate: Candidate,
    { asked, inputTokens, json }: Read,
  ): BatchDemand {
    const most = mostOf({
      candidate,
      asked,
      inputTokens,
      json,
      find: answering => this.#stages.find(answering),
      costOf: (answering, tokens) =>
        batchCost(this.#stages, this.#discountPercent, answering, {
          tokens,
          source: 'estimated',
        }).costNanoUsd,
    });
    return {
      model: candidate.model,
      requestedModel: asked.model,
      format: asked.format,
      requests: 1,
      inputTokens,
      ...most,
    };
  }

  #bodyFor(
    { principal }: Exchange,
    api: ApiName,
    { entry, asked, json }: Read,
    candidate: Candidate,
  ): Buffer {
    const operation: Operation = {
      kind: 'inference',
      api,
      name: entry.format,
      format: entry.format,
      path: entry.path,
    };
    return prepareInference(
      {
        operation,
        asked,
        prompt: promptOf(json),
        query: '',
        headers: {},
        principal,
        reasons: this.#stages.find(candidate)?.capabilities.reasoning ?? false,
      },
      candidate,
    ).body as Buffer;
  }
}

/** An error that says in which request it is. */
function inNameOf(customId: string, error: unknown): unknown {
  const name = `Request "${customId}"`;
  if (error instanceof RefusedError) {
    return new RefusedError({
      ...error.refusal,
      message: `${name}: ${error.refusal.message}`,
    });
  }
  return error instanceof AmbiguousJsonError
    ? new AmbiguousJsonError(`${name}: ${error.message}`)
    : error;
}

function distinct(
  references: InferenceRequest['references'],
): InferenceRequest['references'] {
  return [
    ...new Map(references.map(one => [`${one.name} ${one.id}`, one])).values(),
  ];
}
