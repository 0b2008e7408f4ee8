import type { Readable } from 'node:stream';
import type { ObjectDetail } from '../ownership';
import type { Provider } from '../providers';
import type { Denial, Exchange } from '../requests';
import type { Pin } from '../upstream';
import { RefusedError } from '../wire';
import type { BatchCheck } from './BatchCheck';
import type { BatchHolding, HeldBatch } from './BatchHolding';
import type { CheckedFile } from './ModelBatch';
import { openAiEntries } from './readEntries';
import { readForm } from './readForm';
import { writeForm } from './writeForm';

/** A file as it goes to a provider. */
export interface FileUpload {
  body: Readable;
  contentType?: string;
  contentLength?: number;
  /** Undefined: any that the caller may use. */
  provider?: Provider;
  pin?: Pin;
  detail: ObjectDetail;
}

/**
 * Files of OpenAI's, of which those for batches are checked: each line is a
 * request to a model. What the provider gets is written anew from what was
 * checked. Other files pass as they come, and cannot become a batch.
 */
export class BatchFiles {
  readonly #check: BatchCheck;
  readonly #holding: BatchHolding;

  constructor(options: { check: BatchCheck; holding: BatchHolding }) {
    this.#check = options.check;
    this.#holding = options.holding;
  }

  /**
   * Reads a file, and hands it on.
   *
   * @param options.maxBytes - of a file that is not for a batch
   * @param options.maxBatchBytes - of one that is
   * @param options.providers - at which the caller may have files
   * @param options.denyBatches - whether the caller may have batches there
   * @param send - does the rest; what is held of the file is let go when it is done
   * @throws RefusedError when it is for a batch that may not be sent
   */
  async send<T>(
    exchange: Exchange,
    options: {
      maxBytes: number;
      maxBatchBytes: number;
      providers: Provider[];
      denyBatches: (provider: Provider) => Denial;
    },
    send: (upload: FileUpload) => Promise<T>,
  ): Promise<T> {
    const held = this.#holding.begin(exchange);
    try {
      return await send(await this.#read(exchange, held, options));
    } finally {
      held.end();
    }
  }

  async #read(
    exchange: Exchange,
    held: HeldBatch,
    options: Parameters<BatchFiles['send']>[1],
  ): Promise<FileUpload> {
    const read = await readForm(exchange.request, held, options);
    if (read.kind === 'other') {
      held.end();
      return { body: read.body, detail: {} };
    }
    const { form } = read;
    const denials = options.providers.map(options.denyBatches);
    const providers = options.providers.filter((_, index) => !denials[index]);
    if (providers.length === 0) {
      throw new RefusedError({ status: 403, ...denials[0]! });
    }
    let url = '';
    const entries = openAiEntries(form.content);
    function* noting() {
      for (const entry of entries) {
        url = entry.url;
        yield entry;
      }
    }
    const checked = await this.#check.check(
      exchange,
      'openai',
      noting(),
      providers,
    );
    const lines = checked.requests.map(({ customId, json }) =>
      lineOf(customId, url, json),
    );
    const batch: CheckedFile = {
      url,
      demands: checked.demands,
      questions: checked.questions,
    };
    return {
      ...writeForm({
        filename: form.filename,
        fields: form.fields,
        content: lines,
        contentBytes: lines.reduce((sum, { length }) => sum + length, 0),
      }),
      provider: checked.provider,
      pin: checked.pin,
      detail: { purpose: 'batch', batch },
    };
  }
}

function lineOf(customId: string, url: string, json: Buffer): Buffer {
  const head = `{"custom_id":${JSON.stringify(
    customId,
  )},"method":"POST","url":${JSON.stringify(url)},"body":`;
  return Buffer.concat([Buffer.from(head), json, Buffer.from('}\n')]);
}
