import type { Batches, BatchRequests } from '../batches';
import { notFound, OwnedObject, Ownership, withoutPrefix } from '../ownership';
import type { Provider } from '../providers';
import { readWhole, Relay, Relayed, requestStream } from '../relay';
import type { Exchange } from '../requests';
import type { Answer } from '../upstream';
import { Fields, fieldsOf, Operation } from '../wire';
import { actionOf, DenyStored, permittedProviders } from './actions';
import type { CacheRequests } from './CacheRequests';
import type { StoredLimits } from './config';
import type { GoogleUploads } from './GoogleUploads';
import type { ObjectCreation } from './ObjectCreation';
import { ObjectLists } from './ObjectLists';

type Creation = Extract<Operation, { kind: 'create' }>;
type Access = Extract<Operation, { kind: 'stored' }>;
type Listing = Extract<Operation, { kind: 'list' }>;

/** Of requests besides files: they are objects of a few members. */
const MAX_SMALL_BYTES = 1024 * 1024;

/**
 * The way of requests about what providers keep: files, uploads, batches,
 * responses and cached contents. Who makes something has it, and whoever has
 * something gets at it; to all others it is not there.
 */
export class StoredRequests {
  readonly #relay: Relay;
  readonly #ownership: Ownership;
  readonly #providersAt: (api: Operation['api']) => Provider[];
  readonly #deny: DenyStored;
  readonly #limits: StoredLimits;
  readonly #batches: Batches;
  readonly #batchRequests: BatchRequests;
  readonly #creation: ObjectCreation;
  readonly #googleUploads: GoogleUploads;
  readonly #caches: CacheRequests;
  readonly #lists: ObjectLists;

  constructor(options: {
    relay: Relay;
    ownership: Ownership;
    providersAt: (api: Operation['api']) => Provider[];
    deny: DenyStored;
    limits: StoredLimits;
    batches: Batches;
    batchRequests: BatchRequests;
    creation: ObjectCreation;
    googleUploads: GoogleUploads;
    caches: CacheRequests;
  }) {
    this.#relay = options.relay;
    this.#ownership = options.ownership;
    this.#providersAt = options.providersAt;
    this.#deny = options.deny;
    this.#limits = options.limits;
    this.#batches = options.batches;
    this.#batchRequests = options.batchRequests;
    this.#creation = options.creation;
    this.#googleUploads = options.googleUploads;
    this.#caches = options.caches;
    this.#lists = new ObjectLists({
      ownership: options.ownership,
      relay: options.relay,
      present: (exchange, object, found) =>
        this.#present(exchange, object, found),
    });
  }

  /** Makes something. Never throws. */
  create(exchange: Exchange, operation: Creation): Promise<void> {
    return this.#relay.run(exchange, () => this.#create(exchange, operation));
  }

  /** Reads, changes or deletes something. Never throws. */
  stored(exchange: Exchange, operation: Access): Promise<void> {
    return this.#relay.run(exchange, () => this.#access(exchange, operation));
  }

  /** Lists what the caller has. Never throws. */
  list(exchange: Exchange, operation: Listing): Promise<void> {
    return this.#relay.run(exchange, () =>
      this.#lists.answer(
        exchange,
        operation,
        permittedProviders(
          exchange,
          this.#providersAt(operation.api),
          operation.stores,
          this.#deny,
        ),
      ),
    );
  }

  async #create(exchange: Exchange, operation: Creation): Promise<Relayed> {
    const { api, stores } = operation;
    const providers = this.#providersAt(api);
    if (stores === 'cache') {
      return this.#caches.create(exchange, operation, provider =>
        this.#deny(exchange, provider, actionOf(stores)),
      );
    }
    if (stores === 'batch') {
      return this.#batchRequests.create(
        exchange,
        operation,
        permittedProviders(exchange, providers, stores, this.#deny),
      );
    }
    return api === 'google-ai-studio'
      ? this.#googleUploads.create(exchange, providers)
      : this.#creation.create(exchange, operation, providers);
  }

  async #access(exchange: Exchange, operation: Access): Promise<Relayed> {
    const { api, stores, deletes } = operation;
    const providers = this.#providersAt(api);
    const object = await this.#ownership.find(
      exchange.principal.uuid,
      providers.map(({ name }) => name),
      stores,
      withoutPrefix(stores, operation.id),
    );
    if (!object) {
      throw notFound(stores, operation.id);
    }
    const provider = providers.find(({ name }) => name === object.provider)!;
    if (deletes) {
      // Whoever has something may, whatever policy says by now.
      await this.#batches.beforeDelete(object);
    } else {
      permittedProviders(exchange, [provider], stores, this.#deny);
    }
    const batch = hasResults(operation)
      ? await this.#batches.uncounted(object)
      : undefined;
    // From here on nothing else may be waited for: an answer that ends unheard has no end.
    const answer = await this.#relay.ask(exchange, {
      provider,
      pin: object,
      ...this.#bodyOf(exchange, operation),
      method: exchange.request.method!,
      path: operation.path + exchange.query,
    });
    if (batch && answer.response.statusCode === 200) {
      const counter = this.#batches.counterOf(batch, answer);
      const relayed = await this.#relay.pass(exchange, answer, chunk =>
        counter.feed(chunk),
      );
      // Of one that has come whole, not all was looked at where its client has gone.
      await counter.end(answer.response.readableEnded ? 'complete' : 'cut');
      return relayed;
    }
    return this.#answerAccess(exchange, operation, object, answer);
  }

  #bodyOf({ request }: Exchange, { path }: Access) {
    const { method, headers } = request;
    if (method === 'GET' || method === 'DELETE') {
      return {};
    }
    const maxBytes = path.endsWith('/parts')
      ? this.#limits.uploadBytes
      : MAX_SMALL_BYTES;
    const contentLength = Number(headers['content-length']) || undefined;
    const isEmpty =
      contentLength === undefined && headers['transfer-encoding'] === undefined;
    return {
      body: isEmpty ? undefined : requestStream(request, maxBytes),
      contentLength,
      once: true,
    };
  }

  async #answerAccess(
    exchange: Exchange,
    operation: Access,
    object: OwnedObject,
    answer: Answer,
  ): Promise<Relayed> {
    const { stores, path, deletes } = operation;
    if (answer.response.statusCode! >= 300) {
      return this.#relay.pass(exchange, answer);
    }
    if (deletes) {
      const whole = await readWhole(answer);
      await this.#ownership.forget(object);
      return this.#relay.send(exchange, answer, whole);
    }
    if (stores === 'batch' && !hasResults(operation)) {
      const whole = await readWhole(answer);
      const changed = await this.#present(exchange, object, whole);
      return this.#relay.send(
        exchange,
        answer,
        changed === whole.json ? whole : { changed },
      );
    }
    if (stores === 'upload' && path.endsWith('/complete')) {
      return this.#completeUpload(exchange, object, answer);
    }
    return this.#relay.pass(exchange, answer);
  }

  /** A completed upload is a file. */
  async #completeUpload(
    exchange: Exchange,
    { detail }: OwnedObject,
    answer: Answer,
  ): Promise<Relayed> {
    const whole = await readWhole(answer);
    const file = fieldsOf(whole.body.file);
    if (file.id !== undefined) {
      await this.#creation.record(exchange, answer, 'file', file, detail);
    }
    return this.#relay.send(exchange, answer, whole);
  }

  /** What the client is shown of an object, when its files are written down as its owner's. */
  #present(
    exchange: Exchange,
    object: OwnedObject,
    found: { json: Buffer; body: Fields },
  ): Promise<Buffer> {
    return object.kind === 'batch'
      ? this.#batches.present(exchange, object, found)
      : Promise.resolve(found.json);
  }
}

/** Whether the results of a batch are asked for, or, maybe, a file that has them. */
function hasResults({ stores, path }: Access): boolean {
  return (
    (stores === 'batch' && path.endsWith('/results')) ||
    (stores === 'file' && path.endsWith('/content'))
  );
}
