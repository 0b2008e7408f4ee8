import { ConflictError } from '@backstage/errors';
import type { BatchFiles } from '../batches';
import { OwnedObject, Ownership, withoutPrefix } from '../ownership';
import type { Provider } from '../providers';
import { readWhole, Relay, Relayed, requestStream } from '../relay';
import type { Exchange } from '../requests';
import type { Answer } from '../upstream';
import { Fields, Operation, StoredKind, textOf } from '../wire';
import { DenyStored, permittedProviders, providerFor } from './actions';
import type { StoredLimits } from './config';
import { readUploadPlan } from './uploadPlan';

type Creation = Extract<Operation, { kind: 'create' }>;

/** Of the request that begins an upload in parts. */
const MAX_PLAN_BYTES = 64 * 1024;

/** Makes files and uploads, which pass as they come, and writes down whose they are. */
export class ObjectCreation {
  readonly #relay: Relay;
  readonly #ownership: Ownership;
  readonly #deny: DenyStored;
  readonly #limits: StoredLimits;
  readonly #batchFiles: BatchFiles;

  constructor(options: {
    relay: Relay;
    ownership: Ownership;
    deny: DenyStored;
    limits: StoredLimits;
    batchFiles: BatchFiles;
  }) {
    this.#relay = options.relay;
    this.#ownership = options.ownership;
    this.#deny = options.deny;
    this.#limits = options.limits;
    this.#batchFiles = options.batchFiles;
  }

  /**
   * Makes a file, or begins an upload in parts.
   *
   * @param providers - of the API
   * @throws RefusedError when it may not be sent
   */
  async create(
    exchange: Exchange,
    operation: Creation,
    providers: Provider[],
  ): Promise<Relayed> {
    const { api, stores } = operation;
    if (stores === 'file' && api === 'openai') {
      return this.#createFile(exchange, operation, providers);
    }
    const provider = providerFor(exchange, providers, stores, this.#deny);
    if (stores === 'upload') {
      const plan = await readUploadPlan(exchange.request, MAX_PLAN_BYTES);
      return this.#make(
        exchange,
        operation,
        provider,
        { body: plan.body },
        { purpose: plan.purpose },
      );
    }
    const body = requestStream(exchange.request, this.#limits.uploadBytes);
    return this.#make(exchange, operation, provider, { body });
  }

  /**
   * Writes down whose something new is.
   *
   * @param body - its description
   * @throws when that fails; it is nobody's then, and deleted if it can be, unless it is somebody else's
   */
  async record(
    exchange: Exchange,
    { candidate, target }: Answer,
    kind: StoredKind,
    body: Fields,
    detail: OwnedObject['detail'],
  ): Promise<void> {
    const { provider } = candidate;
    const id = textOf(body.id) ?? withoutPrefix(kind, textOf(body.name) ?? '');
    if (!id) {
      throw new Error(`${provider.name} told no id of a new ${kind}`);
    }
    const object = {
      provider: provider.name,
      kind,
      id,
      principal: exchange.principal.uuid,
      target: target.name,
      createdAtMs: Date.now(),
      detail,
    };
    try {
      await this.#ownership.record(object);
    } catch (error) {
      if (error instanceof ConflictError) {
        // Some providers give the same content the same id. It is the other's.
        throw error;
      }
      const path = encodeURIComponent(id);
      await this.#relay.abandon(
        object,
        provider,
        kind === 'file'
          ? { method: 'DELETE', path: `/files/${path}` }
          : { method: 'POST', path: `/uploads/${path}/cancel` },
      );
      throw error;
    }
  }

  /** A file of OpenAI's, which may have requests for a batch in it. */
  async #createFile(
    exchange: Exchange,
    operation: Creation,
    providers: Provider[],
  ): Promise<Relayed> {
    const named = permittedProviders(exchange, providers, 'file', this.#deny);
    return this.#batchFiles.send(
      exchange,
      {
        maxBytes: this.#limits.uploadBytes,
        maxBatchBytes: this.#limits.batchBytes,
        providers: named,
        denyBatches: provider => this.#deny(exchange, provider, 'use_batches'),
      },
      ({ provider = named[0], detail, ...sent }) =>
        this.#make(exchange, operation, provider, sent, detail),
    );
  }

  /** Asks a provider to make something, and writes down whose it is before anybody learns its id. */
  async #make(
    exchange: Exchange,
    operation: Creation,
    provider: Provider,
    sent: Pick<
      Parameters<Relay['ask']>[1],
      'body' | 'pin' | 'contentType' | 'contentLength'
    >,
    detail: OwnedObject['detail'] = {},
  ): Promise<Relayed> {
    const { stores } = operation;
    const length = Number(exchange.request.headers['content-length']);
    const answer = await this.#relay.ask(exchange, {
      contentLength: Buffer.isBuffer(sent.body)
        ? sent.body.length
        : length || undefined,
      ...sent,
      provider,
      method: 'POST',
      path: operation.path + exchange.query,
      once: true,
    });
    if (answer.response.statusCode! >= 300) {
      return this.#relay.pass(exchange, answer);
    }
    const whole = await readWhole(answer);
    const purpose = detail.purpose ?? textOf(whole.body.purpose);
    await this.record(exchange, answer, stores, whole.body, {
      ...detail,
      ...(purpose === undefined ? {} : { purpose }),
    });
    return this.#relay.send(exchange, answer, whole);
  }
}
