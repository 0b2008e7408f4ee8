import type { AuthService } from '@backstage/backend-plugin-api';
import { isError, NotFoundError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { LRUCache } from 'lru-cache';
import { ApiSpecification } from './specification';

/** How long a description is good before the catalog is asked whether it has another. */
const CHECKED_MS = 10_000;

/** Of all descriptions that are kept, as JSON; operations take as much again. */
const KEPT_CHARACTERS = 100_000_000;

interface Kept {
  etag: string | undefined;
  checkedAt: number;
  /** Or why it cannot be used. */
  api: ApiSpecification | Error;
}

/** Descriptions of APIs, as the catalog has them now. Each is read once for each change. */
export class ApiSpecifications {
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #kept = new LRUCache<string, Kept>({
    maxSize: KEPT_CHARACTERS,
    sizeCalculation: ({ api }) =>
      api instanceof Error ? 1_000 : 1 + api.source.json.length,
  });
  readonly #reading = new Map<string, Promise<Kept>>();

  constructor(options: { catalog: CatalogService; auth: AuthService }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
  }

  /**
   * @param entityRef - of an API entity of type openapi
   * @throws InputError when its definition cannot be used
   * @throws NotFoundError when the catalog does not have it
   */
  async of(entityRef: string): Promise<ApiSpecification> {
    const kept = this.#kept.get(entityRef);
    if (kept && Date.now() - kept.checkedAt < CHECKED_MS) {
      return usable(kept);
    }
    let reading = this.#reading.get(entityRef);
    if (!reading) {
      reading = this.#read(entityRef, kept)
        .catch(error => keptWhileAway(kept, error))
        .finally(() => this.#reading.delete(entityRef));
      this.#reading.set(entityRef, reading);
    }
    return usable(await reading);
  }

  async #read(entityRef: string, kept: Kept | undefined): Promise<Kept> {
    const checkedAt = Date.now();
    if (kept?.etag) {
      const { metadata } = await this.#entity(entityRef, ['metadata.etag']);
      if (metadata?.etag === kept.etag) {
        kept.checkedAt = checkedAt;
        return kept;
      }
    }
    const { metadata, spec } = await this.#entity(entityRef, [
      'metadata.etag',
      'spec.definition',
    ]);
    // What cannot be used takes as long to read, and is not read again either.
    const api = await ApiSpecification.read(spec?.definition).catch(
      (error: Error) => error,
    );
    const read = { etag: metadata?.etag, checkedAt, api };
    this.#kept.set(entityRef, read);
    return read;
  }

  async #entity(entityRef: string, fields: string[]) {
    const { items } = await this.#catalog.getEntitiesByRefs(
      { entityRefs: [entityRef], fields },
      { credentials: await this.#auth.getOwnServiceCredentials() },
    );
    const [entity] = items;
    if (!entity) {
      throw new NotFoundError(`The catalog has no ${entityRef}`);
    }
    return entity;
  }
}

/** A catalog that is away stops no API: each operation is compared with what was approved. */
function keptWhileAway(kept: Kept | undefined, error: unknown): Kept {
  if (!kept || (isError(error) && error.name === 'NotFoundError')) {
    throw error;
  }
  kept.checkedAt = Date.now();
  return kept;
}

function usable({ api }: Kept): ApiSpecification {
  if (api instanceof Error) {
    throw api;
  }
  return api;
}
