import type { WireFormat } from '@prompt-corner/plugin-ai-proxy-common';
import { membersOf } from '../json';
import { InferenceStages, Metered, NO_TOKENS } from '../requests';
import { fieldsOf, textOf } from '../wire';
import { LineSplitter } from './LineSplitter';

/** What came of one request of a batch. */
export interface BatchResult {
  customId: string;
  /** HTTP status that it would have had by itself. */
  status: number;
  metered: Metered;
}

/** More than a batch has requests. */
const MAX_RESULTS = 200_000;

/**
 * Reads what the requests of a batch used, from its results as they pass: a JSON
 * object in each line, in Anthropic's API
 * `{custom_id, result: {type: 'succeeded', message}}`, in OpenAI's
 * `{custom_id, response: {status_code, body}}`.
 *
 * Requests that were not made, as the batch was cancelled or expired, are not
 * among the results, as they cost nothing. Of two lines with the same custom id
 * the first counts.
 */
export class ResultReader {
  readonly #createMeter: InferenceStages['createMeter'];
  readonly #format: WireFormat;
  readonly #results = new Map<string, BatchResult>();
  readonly #lines = new LineSplitter(line => this.#read(line));

  /** @param options.format - of the answers in it */
  constructor(options: {
    format: WireFormat;
    createMeter: InferenceStages['createMeter'];
  }) {
    this.#format = options.format;
    this.#createMeter = options.createMeter;
  }

  feed(chunk: Buffer): void {
    this.#lines.feed(chunk);
  }

  /** @param how - results that were cut are none, as the rest would be missing */
  end(how: 'complete' | 'cut'): BatchResult[] | undefined {
    this.#lines.end();
    return how === 'complete' ? [...this.#results.values()] : undefined;
  }

  #read(line: Buffer): void {
    const result = this.#resultIn(line);
    if (result && this.#results.size < MAX_RESULTS) {
      const { customId } = result;
      if (!this.#results.has(customId)) {
        this.#results.set(customId, result);
      }
    }
  }

  #resultIn(line: Buffer): BatchResult | undefined {
    try {
      const fields = fieldsOf(JSON.parse(line.toString('utf8')));
      const customId = textOf(fields.custom_id);
      if (customId === undefined) {
        return undefined;
      }
      return this.#format === 'anthropic-messages'
        ? this.#anthropic(line, customId, textOf(fieldsOf(fields.result).type))
        : this.#openAi(
            line,
            customId,
            fieldsOf(fields.response).status_code as number,
          );
    } catch {
      // A line that is no JSON says nothing of usage.
      return undefined;
    }
  }

  #anthropic(
    line: Buffer,
    customId: string,
    type: string | undefined,
  ): BatchResult | undefined {
    switch (type) {
      case 'succeeded':
        return {
          customId,
          status: 200,
          metered: this.#meter(within(line, 'result', 'message')),
        };
      case 'errored':
        return { customId, status: 400, metered: this.#meter(undefined) };
      default:
        return undefined;
    }
  }

  #openAi(
    line: Buffer,
    customId: string,
    status: number,
  ): BatchResult | undefined {
    return Number.isInteger(status)
      ? {
          customId,
          status,
          metered: this.#meter(
            status < 300 ? within(line, 'response', 'body') : undefined,
          ),
        }
      : undefined;
  }

  #meter(answer: Buffer | undefined): Metered {
    if (!answer) {
      return { tokens: NO_TOKENS, source: 'none' };
    }
    const meter = this.#createMeter(this.#format, 0);
    meter.feed(answer);
    return meter.end('complete');
  }
}

/** A member of a member, as bytes. */
function within(json: Buffer, name: string, inner: string): Buffer | undefined {
  const outer = membersOf(json)?.byName.get(name);
  const member = outer && membersOf(json, outer.valueStart)?.byName.get(inner);
  return member && json.subarray(member.valueStart, member.valueEnd);
}
