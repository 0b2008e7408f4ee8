import type {
  TokenUsage,
  UsageSource,
  WireFormat,
} from '@prompt-corner/plugin-ai-proxy-common';
import { AnswerBytes } from './AnswerBytes';
import { TextEstimate, tokenizerFactor } from './estimates';
import {
  ANSWER,
  Format,
  FORMATS,
  isObject,
  NO_TOKENS,
  REASONING,
  REASONING_AGAIN,
  Told,
  ToldUsage,
} from './formats';
import { FieldSink, JsonFields } from './json';
import type { MeteredUsage } from './MeteredUsage';
import { inputTokensOf } from './totals';

/** What to meter, and what is known before. */
export interface MeterOptions {
  format: WireFormat;
  /** Input of the request, for answers that do not tell it. Default: 0. */
  inputTokensEstimate?: number;
}

/** Reads the usage of one answer from its bytes as they pass. */
export interface UsageMeter {
  /**
   * Looks at a piece of the answer's body, which must not be compressed; call it when
   * the piece has been written to the client. It never throws, and holds no part of the
   * piece. It takes 1 to 3 µs an event of a stream (see README.md).
   */
  feed(piece: Uint8Array): void;
  /**
   * What the answer told, when there is no more of it. Where it told nothing, or not all,
   * the rest is estimated from the text that passed: without hidden reasoning, therefore,
   * which nothing shows.
   *
   * @param how - `complete` when the body came to its regular end; `cut` when either side went away
   */
  end(how: 'complete' | 'cut'): MeteredUsage;
}

class AnswerMeter implements UsageMeter, FieldSink {
  readonly #format: Format;
  readonly #tokenizerFactor: number;
  readonly #inputEstimate: number;
  readonly #fields: JsonFields;
  readonly #bytes: AnswerBytes;
  readonly #told = new Told();
  readonly #written: TextEstimate[] = [];

  constructor(options: MeterOptions) {
    this.#format = FORMATS[options.format];
    this.#tokenizerFactor = tokenizerFactor(options.format);
    this.#inputEstimate = options.inputTokensEstimate ?? 0;
    this.#fields = new JsonFields(this.#format.fields, this);
    this.#bytes = new AnswerBytes(this.#fields);
  }

  feed(piece: Uint8Array): void {
    this.#bytes.feed(
      Buffer.isBuffer(piece)
        ? piece
        : Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength),
    );
  }

  kept(name: string, value: unknown): void {
    if (this.#format.lists?.includes(name)) {
      this.#told.addToList(name, value);
    } else {
      this.#told.add(name, value);
    }
  }

  text(slot: number, bytes: Uint8Array, from: number, to: number): void {
    this.#written[slot] ??= new TextEstimate();
    this.#written[slot].addJson(bytes, from, to);
  }

  end(how: 'complete' | 'cut'): MeteredUsage {
    const usage = this.#format.read(this.#told);
    const isComplete = how === 'complete' && !this.#fields.unfinished;
    const error = errorOf(this.#told);
    return {
      ...this.#counted(usage, isComplete, error !== undefined),
      serviceTier: usage.serviceTier,
      model: this.#told.text('model'),
      responseId: this.#told.text('id'),
      errorInStream: error,
      stopReason:
        this.#told.text('incomplete') ?? this.#told.text('stopReason'),
      toolRequests: usage.toolRequests,
      otherModels: usage.otherModels,
    };
  }

  #counted(
    usage: ToldUsage,
    isComplete: boolean,
    isError: boolean,
  ): { tokens: TokenUsage; source: UsageSource } {
    const { tokens } = usage;
    if (tokens && (usage.final || (usage.finalAtEnd && isComplete))) {
      return { tokens, source: 'provider' };
    }
    const written = this.#writtenTokens();
    if (tokens) {
      return { tokens: this.#completed(tokens, written), source: 'partial' };
    }
    if (isError && written === 0) {
      return { tokens: { ...NO_TOKENS }, source: 'none' };
    }
    return {
      tokens: this.#completed(NO_TOKENS, written),
      source: 'estimated',
    };
  }

  // What was told can only be too little.
  #completed(told: TokenUsage, written: number): TokenUsage {
    return {
      ...told,
      inputTokens:
        inputTokensOf(told) > 0 ? told.inputTokens : this.#inputEstimate,
      outputTokens: Math.max(told.outputTokens, written),
    };
  }

  #writtenTokens(): number {
    const [answer, reasoning, reasoningAgain] = [
      ANSWER,
      REASONING,
      REASONING_AGAIN,
    ].map(slot => this.#written[slot]?.tokens ?? 0);
    const tokens = answer + Math.max(reasoning, reasoningAgain);
    return Math.ceil(tokens * this.#tokenizerFactor);
  }
}

function errorOf(told: Told): { type: string; message: string } | undefined {
  const error = told.value('error') ?? told.text('errorMessage');
  if (error === undefined) {
    return undefined;
  }
  const { type, code, status, message } = isObject(error)
    ? error
    : { type: told.text('errorCode'), code: '', status: '', message: error };
  return {
    type: [type, status, code].map(named).find(Boolean) ?? 'error',
    message: named(message),
  };
}

function named(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number'
    ? String(value)
    : '';
}

/**
 * Makes a meter for one answer of a model, streamed or not.
 *
 * Memory does not depend on the answer's size: at most 64 kB of each field that is kept
 * (a usage, an error), while it comes.
 */
export function createMeter(options: MeterOptions): UsageMeter {
  return new AnswerMeter(options);
}
