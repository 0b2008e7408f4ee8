import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { CatalogGraphCache } from '../graph/CatalogGraphCache';
import type { ReadAccess } from '../visibility/ReadAccess';
import { CallerCatalog } from './CallerCatalog';

/** Makes the catalog of each caller. */
export class CatalogCallers {
  readonly #catalog: CatalogService;
  readonly #cache: CatalogGraphCache;
  readonly #access: ReadAccess;
  readonly #readFromMemory: boolean;

  constructor(options: {
    catalog: CatalogService;
    cache: CatalogGraphCache;
    access: ReadAccess;
    readFromMemory: boolean;
  }) {
    this.#catalog = options.catalog;
    this.#cache = options.cache;
    this.#access = options.access;
    this.#readFromMemory = options.readFromMemory;
  }

  /** The catalog as whoever has the credentials may see it. */
  async of(credentials: BackstageCredentials): Promise<CallerCatalog> {
    // What a service may do differs by plugin: only the catalog knows what it may do there.
    const { type } = credentials.principal as { type?: string };
    const seesEverything =
      type === 'user' && (await this.#access.toEverything(credentials));
    return new CallerCatalog({
      catalog: this.#catalog,
      credentials,
      seesEverything,
      memory:
        seesEverything && this.#readFromMemory
          ? this.#cache.recentGraph()
          : undefined,
    });
  }
}
