import type { Readable } from 'node:stream';
import { parseObject, readBody } from '../bodies';
import { JsonDocument, JsonText } from '../json';
import { notFound, Ownership } from '../ownership';
import type { Provider } from '../providers';
import { readWhole, Relay, Relayed, streamOf } from '../relay';
import type { Exchange } from '../requests';
import type { Answer, Pin } from '../upstream';
import { Operation, RefusedError, textOf } from '../wire';
import type { BatchCheck } from './BatchCheck';
import type { Batches } from './Batches';
import type { BatchReservation, BatchReservations } from './BatchReservations';
import type { BatchHolding } from './BatchHolding';
import type { BatchDemand, CheckedFile } from './ModelBatch';
import { anthropicEntries } from './readEntries';

type Creation = Extract<Operation, { kind: 'create' }>;

/** Of a request that names a file. */
const MAX_SMALL_BYTES = 1024 * 1024;

/** Unknown before it is asked how long a body is. */
const UNKNOWN_BYTES = Infinity;

/** What goes to a provider, and what it will take. */
interface Submission {
  provider: Provider;
  pin?: Pin;
  body: Buffer | Readable;
  contentLength: number;
  demands: BatchDemand[];
}

/**
 * Requests that make a batch. Each request in it is checked like one that comes
 * by itself, and what all of them may take is set aside of budgets. When the
 * provider has taken the batch, that stays so until the results say what it was: see
 * `BatchCounting`.
 */
export class BatchRequests {
  readonly #relay: Relay;
  readonly #ownership: Ownership;
  readonly #check: BatchCheck;
  readonly #batches: Batches;
  readonly #holding: BatchHolding;
  readonly #reservations: BatchReservations;
  readonly #maxBytes: number;

  constructor(options: {
    relay: Relay;
    ownership: Ownership;
    check: BatchCheck;
    batches: Batches;
    holding: BatchHolding;
    reservations: BatchReservations;
    maxBytes: number;
  }) {
    this.#relay = options.relay;
    this.#ownership = options.ownership;
    this.#check = options.check;
    this.#batches = options.batches;
    this.#holding = options.holding;
    this.#reservations = options.reservations;
    this.#maxBytes = options.maxBytes;
  }

  /**
   * Makes a batch.
   *
   * @param providers - at which the caller may use batches
   * @throws RefusedError when it may not be sent
   */
  async create(
    exchange: Exchange,
    operation: Creation,
    providers: Provider[],
  ): Promise<Relayed> {
    if (operation.api !== 'anthropic') {
      const submission = await this.#fromFile(exchange, providers);
      return this.#submit(exchange, operation, submission);
    }
    const held = this.#holding.begin(exchange);
    try {
      const length = exchange.request.headers['content-length'];
      await held.has(length === undefined ? UNKNOWN_BYTES : Number(length));
      const submission = await this.#fromBody(exchange, providers);
      return await this.#submit(exchange, operation, submission);
    } finally {
      held.end();
    }
  }

  /** Anthropic: the requests are in the body. */
  async #fromBody(
    exchange: Exchange,
    providers: Provider[],
  ): Promise<Submission> {
    const sent = await readBody(exchange.request, this.#maxBytes);
    const { requests, ...checked } = await this.#check.check(
      exchange,
      'anthropic',
      anthropicEntries(sent),
      providers,
    );
    const pieces = [Buffer.from('{"requests":[')];
    for (const [index, { customId, json }] of requests.entries()) {
      const comma = index === 0 ? '' : ',';
      const head = `${comma}{"custom_id":${JSON.stringify(customId)},"params":`;
      pieces.push(Buffer.from(head), json, Buffer.from('}'));
    }
    pieces.push(Buffer.from(']}'));
    return {
      ...checked,
      body: streamOf(slowly(pieces)),
      contentLength: pieces.reduce((sum, piece) => sum + piece.length, 0),
    };
  }

  /** OpenAI: they are in a file, which was checked when it came. */
  async #fromFile(
    exchange: Exchange,
    providers: Provider[],
  ): Promise<Submission> {
    const body = await readBody(exchange.request, MAX_SMALL_BYTES);
    const fields = parseObject(body);
    // A member that appears twice could be understood in two ways.
    const document = new JsonDocument(new JsonText(body, fields));
    const fileId = textOf(fields.input_file_id) ?? '';
    const file = await this.#ownership.find(
      exchange.principal.uuid,
      providers.map(({ name }) => name),
      'file',
      fileId,
    );
    if (!file) {
      throw notFound('file', fileId);
    }
    const checked = file.detail.batch as CheckedFile | undefined;
    if (!checked) {
      throw new RefusedError({
        status: 400,
        reason: 'unchecked_batch',
        message: `The requests in the file "${fileId}" were not checked. Upload it again, with the field "purpose" of "batch" before the file`,
      });
    }
    if (fields.endpoint !== checked.url) {
      throw new RefusedError({
        status: 400,
        reason: 'invalid_batch',
        message: `The requests in the file "${fileId}" are for ${checked.url}. Send this as "endpoint"`,
      });
    }
    const provider = providers.find(({ name }) => name === file.provider)!;
    this.#check.checkAgain(exchange, provider, checked.questions);
    const json = document.bytes();
    return {
      provider,
      pin: file,
      body: json,
      contentLength: json.length,
      demands: checked.demands,
    };
  }

  async #submit(
    exchange: Exchange,
    operation: Creation,
    { provider, pin, body, contentLength, demands }: Submission,
  ): Promise<Relayed> {
    const reservation = await this.#reservations.reserve(
      exchange,
      provider,
      demands,
    );
    let answer: Answer;
    try {
      answer = await this.#relay.ask(exchange, {
        provider,
        pin,
        method: 'POST',
        path: operation.path + exchange.query,
        body,
        contentType: 'application/json',
        contentLength,
        once: true,
        detached: true,
      });
    } catch (error) {
      // Without an answer, a provider that was reached may have taken the batch.
      reservation[mayHaveArrived(error) ? 'takeAll' : 'giveBack']();
      throw error;
    }
    if (answer.response.statusCode! >= 300) {
      reservation.giveBack();
      return this.#relay.pass(exchange, answer);
    }
    try {
      return await this.#accepted(exchange, answer, demands, reservation);
    } catch (error) {
      reservation.takeAll();
      throw error;
    }
  }

  /** Whose the batch is, and what it takes, is written down before anybody learns its id. */
  async #accepted(
    exchange: Exchange,
    answer: Answer,
    demands: BatchDemand[],
    reservation: BatchReservation,
  ): Promise<Relayed> {
    const whole = await readWhole(answer);
    const { candidate, target } = answer;
    const { provider } = candidate;
    const id = textOf(whole.body.id);
    if (!id) {
      throw new Error(`${provider.name} told no id of a new batch`);
    }
    const object = {
      provider: provider.name,
      kind: 'batch' as const,
      id,
      principal: exchange.principal.uuid,
      target: target.name,
      createdAtMs: Date.now(),
      detail: {},
    };
    try {
      await this.#batches.begin(
        object,
        exchange.event({
          provider: provider.name,
          deployment: target.name,
          outcome: 'ok',
          status: 200,
          attempts: 1,
          serviceTier: 'batch',
        }),
        demands,
      );
      await this.#ownership.record(object);
    } catch (error) {
      await this.#batches.cancel(provider, object);
      throw error;
    }
    reservation.holdFor(object);
    const shown = await this.#batches.present(exchange, object, whole);
    return this.#relay.send(
      exchange,
      answer,
      shown === whole.json ? whole : { changed: shown },
    );
  }
}

async function* slowly(pieces: Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces;
}

function mayHaveArrived(error: unknown): boolean {
  const { failure } = error as { failure?: string };
  return failure === 'reset' || failure === 'timeout';
}
