import { HeldRoom, parseObject, readBody } from '../bodies';
import { guardPrompt } from '../guards';
import { JsonDocument } from '../json';
import { Ownership, withoutPrefix } from '../ownership';
import type { Prompt } from '../prompts';
import type { Candidate, Provider } from '../providers';
import { readWhole, Relay, Relayed } from '../relay';
import {
  Denial,
  Exchange,
  InferenceStages,
  NO_TOKENS,
  permittedChain,
} from '../requests';
import type { Answer, Pin } from '../upstream';
import {
  Fields,
  fieldsOf,
  InferenceRequest,
  Operation,
  readInference,
  textOf,
} from '../wire';

type Creation = Extract<Operation, { kind: 'create' }>;

/** What is done with the content of a cache, as with any other request to a model. */
export type CacheStages = Pick<
  InferenceStages,
  | 'routes'
  | 'maxBodyBytes'
  | 'room'
  | 'prompts'
  | 'inputEstimates'
  | 'deny'
  | 'guards'
  | 'reserve'
  | 'costOf'
>;

/** In Gemini's API, a model's name is a path. */
const MODEL_PREFIX = /^models\//;

/** What was read of a request, and where it may go. */
interface Prepared {
  asked: InferenceRequest;
  inputTokens: number;
  chain: Candidate[];
  pin?: Pin;
  prompt: Prompt;
}

/**
 * Requests that make a cache of Gemini's (`POST /v1beta/cachedContents`): the model
 * reads what is in it, so that it is checked and counted like a request to the
 * model. What the provider takes for keeping it, by the hour, is not counted.
 */
export class CacheRequests {
  readonly #relay: Relay;
  readonly #ownership: Ownership;
  readonly #stages: CacheStages;

  constructor(options: {
    relay: Relay;
    ownership: Ownership;
    stages: CacheStages;
  }) {
    this.#relay = options.relay;
    this.#ownership = options.ownership;
    this.#stages = options.stages;
  }

  /**
   * Makes a cache.
   *
   * @param denyStored - whether the caller may have something kept there
   * @throws RefusedError when it may not be sent
   */
  async create(
    exchange: Exchange,
    operation: Creation,
    denyStored: (provider: Provider) => Denial,
  ): Promise<Relayed> {
    const room = this.#stages.room.hold();
    try {
      const prepared = await this.#prepare(
        exchange,
        operation,
        room,
        denyStored,
      );
      return await this.#create(exchange, operation, prepared);
    } finally {
      room.release();
    }
  }

  async #create(
    exchange: Exchange,
    operation: Creation,
    prepared: Prepared,
  ): Promise<Relayed> {
    const { asked, inputTokens, chain, pin, prompt } = prepared;
    const [candidate] = chain;
    const reserved = await this.#stages.reserve(
      exchange,
      candidate,
      asked,
      inputTokens,
      prompt.text.bytes,
    );
    let actual = { nanoUsd: 0, tokens: 0, requests: 0 };
    try {
      const document = new JsonDocument(prompt.text);
      if (candidate.model !== asked.model) {
        document.set('model', `models/${candidate.model}`);
      }
      const bytes = document.bytes();
      const answer = await this.#relay.ask(exchange, {
        provider: candidate.provider,
        pin,
        method: 'POST',
        path: operation.path + exchange.query,
        body: bytes,
        contentType: 'application/json',
        contentLength: bytes.length,
        once: true,
        detached: true,
      });
      if (answer.response.statusCode! >= 300) {
        return await this.#relay.pass(exchange, answer);
      }
      const whole = await readWhole(answer);
      const usage = this.#usageOf(candidate, asked, whole.body, inputTokens);
      actual = {
        nanoUsd: usage.costNanoUsd ?? 0,
        tokens: usage.tokens.inputTokens,
        requests: 1,
      };
      await this.#record(exchange, answer, whole.body, actual.tokens);
      return { ...this.#relay.send(exchange, answer, whole), usage };
    } finally {
      reserved.settle(actual);
    }
  }

  async #prepare(
    exchange: Exchange,
    { api }: Creation,
    room: HeldRoom,
    denyStored: (provider: Provider) => Denial,
  ): Promise<Prepared> {
    const stages = this.#stages;
    const sent = await readBody(exchange.request, stages.maxBodyBytes, room);
    const prompt = stages.prompts.read(sent, parseObject(sent));
    const { text } = prompt;
    const model = (textOf(text.value.model) ?? '').replace(MODEL_PREFIX, '');
    const asked: InferenceRequest = {
      ...readInference(api, 'google-generate', text, {
        model,
        streaming: false,
      }),
      maxOutputTokens: 0,
    };
    const inputTokens = stages.inputEstimates.of(prompt, asked.format);
    const permitted = permittedChain(
      stages,
      asked,
      candidate =>
        denyStored(candidate.provider) ??
        stages.deny(exchange, candidate, asked, inputTokens),
    );
    const pin = await this.#ownership.checkReferences(
      exchange.principal.uuid,
      permitted.map(({ provider }) => provider.name),
      asked.references,
    );
    const chain = permitted.filter(
      ({ provider }) => !pin || provider.name === pin.provider,
    );
    return {
      asked,
      inputTokens,
      chain,
      pin,
      prompt: guardPrompt(stages.guards, exchange, prompt),
    };
  }

  #usageOf(
    candidate: Candidate,
    asked: InferenceRequest,
    answer: Fields,
    estimate: number,
  ) {
    const told = fieldsOf(answer.usageMetadata).totalTokenCount;
    const isTold = typeof told === 'number' && told >= 0;
    const tokens = { ...NO_TOKENS, inputTokens: isTold ? told : estimate };
    const source = isTold ? ('provider' as const) : ('estimated' as const);
    return {
      model: candidate.model,
      requestedModel: asked.model,
      tokens,
      usageSource: source,
      ...this.#stages.costOf(candidate, { tokens, source }),
    };
  }

  async #record(
    exchange: Exchange,
    { candidate, target }: Answer,
    { name }: Fields,
    tokens: number,
  ): Promise<void> {
    const id = withoutPrefix('cache', textOf(name) ?? '');
    if (!id) {
      throw new Error(`${candidate.provider.name} told no name of a new cache`);
    }
    const object = {
      provider: candidate.provider.name,
      kind: 'cache' as const,
      id,
      principal: exchange.principal.uuid,
      target: target.name,
      createdAtMs: Date.now(),
      detail: { tokens },
    };
    try {
      await this.#ownership.record(object);
    } catch (error) {
      await this.#relay.abandon(object, candidate.provider, {
        method: 'DELETE',
        path: `/cachedContents/${encodeURIComponent(id)}`,
      });
      throw error;
    }
  }
}
