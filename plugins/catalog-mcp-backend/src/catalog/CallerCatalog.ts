import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { CatalogGraph, GRAPH_FIELDS } from '../graph/CatalogGraph';
import { isEntityRef } from './entityRef';
import type {
  QueryEntitiesInitialRequest,
  QueryEntitiesResponse,
} from '@backstage/catalog-client';
import { catalogUnavailable } from '../errors/catalogUnavailable';

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

/** The catalog refuses requests of more than 100 kB, and a ref may have 190 characters. */
const REFS_A_REQUEST = 400;

/**
 * The catalog as one caller may see it.
 *
 * Every answer of every tool goes through here, so that nothing is told that
 * the caller could not read from the catalog itself. For a caller whom the
 * policy lets read everything, single entities come from memory; for all others
 * the catalog is asked each time, and applies the caller's own permissions.
 */
export class CallerCatalog {
  readonly credentials: BackstageCredentials;
  /** Whether the policy lets the caller read all entities. */
  readonly seesEverything: boolean;
  readonly #catalog: CatalogService;
  readonly #memory?: CatalogGraph;

  /**
   * @param options.memory - a recent copy of the catalog; only for a caller who
   *   may read everything
   */
  constructor(options: {
    catalog: CatalogService;
    credentials: BackstageCredentials;
    seesEverything: boolean;
    memory?: CatalogGraph;
  }) {
    this.#catalog = options.catalog;
    this.credentials = options.credentials;
    this.seesEverything = options.seesEverything;
    this.#memory = options.memory;
  }

  /**
   * Reads one entity, without the definition of an API.
   *
   * @param ref - a full entity ref, `kind:namespace/name`
   * @returns undefined when it does not exist or the caller may not read it
   * @throws ServiceUnavailableError when the catalog does not answer
   */
  async entity(ref: string): Promise<Entity | undefined> {
    return this.#memory?.node(ref)?.entity ?? this.wholeEntity(ref);
  }

  /**
   * Reads one entity with all it has, from the catalog itself.
   *
   * @returns undefined when it does not exist or the caller may not read it
   * @throws ServiceUnavailableError when the catalog does not answer
   */
  async wholeEntity(ref: string): Promise<Entity | undefined> {
    if (!isEntityRef(ref)) {
      return undefined;
    }
    return this.#ask(() =>
      this.#catalog.getEntityByRef(ref, { credentials: this.credentials }),
    );
  }

  /**
   * Reads many entities at once.
   *
   * @param refs - full entity refs; duplicates are asked for once
   * @param fields - the fields that are needed; without it all but the
   *   definitions of APIs
   * @returns the readable ones by ref, in the order asked for
   * @throws ServiceUnavailableError when the catalog does not answer
   */
  async entities(
    refs: Iterable<string>,
    fields: string[] = GRAPH_FIELDS,
  ): Promise<Map<string, Entity>> {
    const entityRefs = [...new Set(refs)].filter(isEntityRef);
    const found = new Map<string, Entity>();
    if (this.#memory) {
      for (const ref of entityRefs) {
        const entity = this.#memory.node(ref)?.entity;
        if (entity) {
          found.set(ref, entity);
        }
      }
      return found;
    }
    for (let start = 0; start < entityRefs.length; start += REFS_A_REQUEST) {
      const { items } = await this.#ask(() =>
        this.#catalog.getEntitiesByRefs(
          {
            entityRefs: entityRefs.slice(start, start + REFS_A_REQUEST),
            fields,
          },
          { credentials: this.credentials },
        ),
      );
      for (const entity of items) {
        if (entity) {
          found.set(stringifyEntityRef(entity), entity);
        }
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
      throw catalogUnavailable(error);
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
