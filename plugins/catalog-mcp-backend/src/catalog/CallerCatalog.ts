import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { ServiceUnavailableError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type {
  QueryEntitiesInitialRequest,
  QueryEntitiesResponse,
} from '@backstage/catalog-client';

/** Enough of an entity to list it: who it is, what it is, whose it is. */
export const SUMMARY_FIELDS = [
  'kind',
  'metadata.name',
  'metadata.namespace',
  'metadata.title',
  'metadata.description',
  'spec.type',
  'spec.lifecycle',
  'spec.profile.displayName',
  'relations',
];

/**
 * The catalog as one caller may see it.
 *
 * Every answer of every tool goes through here, so that nothing is told that
 * the caller could not read from the catalog itself: the catalog applies the
 * caller's own permissions to each request.
 */
export class CallerCatalog {
  readonly credentials: BackstageCredentials;
  readonly #catalog: CatalogService;

  constructor(options: {
    catalog: CatalogService;
    credentials: BackstageCredentials;
  }) {
    this.#catalog = options.catalog;
    this.credentials = options.credentials;
  }

  /**
   * Reads one entity whole.
   *
   * @param ref - a full entity ref, `kind:namespace/name`
   * @returns undefined when it does not exist or the caller may not read it
   * @throws ServiceUnavailableError when the catalog does not answer
   */
  async entity(ref: string): Promise<Entity | undefined> {
    return this.#ask(() =>
      this.#catalog.getEntityByRef(ref, { credentials: this.credentials }),
    );
  }

  /**
   * Reads many entities in one request.
   *
   * @param refs - full entity refs; duplicates are asked for once
   * @param fields - the fields to return; entities come whole without it
   * @returns the readable ones by ref, in the order asked for
   * @throws ServiceUnavailableError when the catalog does not answer
   */
  async entities(
    refs: Iterable<string>,
    fields?: string[],
  ): Promise<Map<string, Entity>> {
    const entityRefs = [...new Set(refs)];
    if (entityRefs.length === 0) {
      return new Map();
    }
    const { items } = await this.#ask(() =>
      this.#catalog.getEntitiesByRefs(
        { entityRefs, fields },
        { credentials: this.credentials },
      ),
    );
    const found = new Map<string, Entity>();
    for (const entity of items) {
      if (entity) {
        found.set(stringifyEntityRef(entity), entity);
      }
    }
    return found;
  }

  /**
   * Narrows refs to those the caller may read.
   *
   * @throws ServiceUnavailableError when the catalog does not answer
   */
  async readable(refs: Iterable<string>): Promise<Set<string>> {
    const found = await this.entities(refs, [
      'kind',
      'metadata.name',
      'metadata.namespace',
    ]);
    return new Set(found.keys());
  }

  /**
   * Runs a catalog query.
   *
   * @throws ServiceUnavailableError when the catalog does not answer
   */
  async query(
    request: QueryEntitiesInitialRequest,
  ): Promise<QueryEntitiesResponse> {
    return this.#ask(() =>
      this.#catalog.queryEntities(request, { credentials: this.credentials }),
    );
  }

  /**
   * The values that a field has among all entities the caller may read, most
   * frequent first.
   *
   * @throws ServiceUnavailableError when the catalog does not answer
   */
  async values(field: string): Promise<string[]> {
    const { facets } = await this.#ask(() =>
      this.#catalog.getEntityFacets(
        { facets: [field] },
        { credentials: this.credentials },
      ),
    );
    return (facets[field] ?? [])
      .sort((a, b) => b.count - a.count)
      .map(({ value }) => value);
  }

  async #ask<T>(request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      if (isRefusal(error)) {
        throw error;
      }
      throw new ServiceUnavailableError(
        'The software catalog does not answer right now. Try again in a moment',
        error,
      );
    }
  }
}

/** An answer of the catalog, as opposed to no answer: the caller's own matter. */
function isRefusal(error: unknown): boolean {
  const name = error instanceof Error ? error.name : undefined;
  if (name === 'InputError' || name === 'NotAllowedError') {
    return true;
  }
  const status = (error as { statusCode?: number })?.statusCode;
  return status !== undefined && status >= 400 && status < 500;
}
