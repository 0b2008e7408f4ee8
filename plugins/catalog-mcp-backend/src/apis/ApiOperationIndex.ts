import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import { stringifyEntityRef } from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import MiniSearch from 'minisearch';
import { textOf } from '../catalog/entities';
import { OperationSummary, parseDefinition } from '../definitions';
import { LENIENT, searchWordsOf, wordsOf } from '../text/words';
import type { CatalogGraphCache } from '../graph/CatalogGraphCache';
import { catalogUnavailable } from '../errors/catalogUnavailable';

/** API entities read with one request; each may carry a large definition. */
const BATCH = 20;

/** Operations indexed of one API; beyond, the rest is found by get_api only. */
const MAX_OPERATIONS_PER_API = 2_000;

interface IndexedOperation {
  key: string;
  api: string;
  id: string;
  signature: string;
  summary?: string;
  tags: string;
  operation: OperationSummary;
}

/** An operation that fits some words, and the API that has it. */
export interface OperationHit {
  api: string;
  operation: OperationSummary;
}

/**
 * Finds operations by words inside the definitions of all APIs. Knows no
 * permissions: whoever asks re-authorises the APIs that come out.
 *
 * Definitions are read when somebody first asks, and again when their entity changed.
 */
export class ApiOperationIndex {
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #logger: LoggerService;
  readonly #cache: CatalogGraphCache;
  readonly #search = new MiniSearch<IndexedOperation>({
    idField: 'key',
    fields: ['id', 'signature', 'summary', 'tags'],
    storeFields: ['api', 'operation'],
    tokenize: wordsOf,
    searchOptions: {
      tokenize: searchWordsOf,
      boost: { id: 2, signature: 2 },
    },
  });
  readonly #indexed = new Map<string, { etag?: string; keys: string[] }>();
  #updating?: Promise<void>;

  constructor(options: {
    catalog: CatalogService;
    auth: AuthService;
    logger: LoggerService;
    cache: CatalogGraphCache;
  }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
    this.#logger = options.logger;
    this.#cache = options.cache;
  }

  /** Operations that fit the words, best first. */
  async find(words: string): Promise<OperationHit[]> {
    this.#updating ??= this.#update()
      .catch(error => {
        throw catalogUnavailable(error);
      })
      .finally(() => {
        this.#updating = undefined;
      });
    await this.#updating;
    const all = this.#search.search(words, { ...LENIENT, combineWith: 'AND' });
    const hits = all.length > 0 ? all : this.#search.search(words, LENIENT);
    return hits.map(hit => ({ api: hit.api, operation: hit.operation }));
  }

  async #update(): Promise<void> {
    const graph = await this.#cache.graph();
    const stale: string[] = [];
    for (const node of graph.nodes()) {
      if (
        node.kind === 'api' &&
        (!this.#indexed.has(node.ref) ||
          this.#indexed.get(node.ref)?.etag !== node.etag)
      ) {
        stale.push(node.ref);
      }
    }
    for (const ref of this.#indexed.keys()) {
      if (!graph.node(ref)) {
        this.#forget(ref);
      }
    }
    for (let start = 0; start < stale.length; start += BATCH) {
      await this.#read(stale.slice(start, start + BATCH));
    }
  }

  async #read(refs: string[]): Promise<void> {
    const { items } = await this.#catalog.getEntitiesByRefs(
      {
        entityRefs: refs,
        fields: [
          'kind',
          'metadata.name',
          'metadata.namespace',
          'metadata.etag',
          'spec.type',
          'spec.definition',
        ],
      },
      { credentials: await this.#auth.getOwnServiceCredentials() },
    );
    for (const entity of items) {
      if (!entity) {
        continue;
      }
      const api = stringifyEntityRef(entity);
      const text = textOf(entity.spec?.definition);
      const type = textOf(entity.spec?.type) ?? '';
      this.#forget(api);
      const operations = text ? await this.#operations(api, type, text) : [];
      const documents = operations
        .slice(0, MAX_OPERATIONS_PER_API)
        .map((operation, position) => ({
          key: `${api} ${position}`,
          api,
          id: operation.id,
          signature: operation.signature,
          summary: operation.summary,
          tags: operation.tags?.join(' ') ?? '',
          operation,
        }));
      this.#search.addAll(documents);
      // Parsing holds up everything else; let that have its turn.
      await new Promise(resolve => setImmediate(resolve));
      this.#indexed.set(api, {
        etag: entity.metadata.etag,
        keys: documents.map(({ key }) => key),
      });
    }
  }

  async #operations(
    api: string,
    type: string,
    text: string,
  ): Promise<OperationSummary[]> {
    try {
      return (await parseDefinition({ type, text })).operations;
    } catch (error) {
      this.#logger.debug(`No operations indexed for ${api}: ${error}`);
      return [];
    }
  }

  #forget(api: string): void {
    for (const key of this.#indexed.get(api)?.keys ?? []) {
      this.#search.discard(key);
    }
    this.#indexed.delete(api);
  }
}
