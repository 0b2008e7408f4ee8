import type { Entity } from '@backstage/catalog-model';
import type {
  EntityProvider,
  EntityProviderConnection,
} from '@backstage/plugin-catalog-node';

/**
 * Loads given entities into the catalog, in one full mutation.
 *
 * Register it at every start, also when there is nothing to load: the catalog
 * deletes what belongs to a provider that is gone.
 */
export class OrganisationEntityProvider implements EntityProvider {
  readonly #entities: Entity[] | undefined;

  /** @param entities - what to load; undefined keeps what was loaded before */
  constructor(entities: Entity[] | undefined) {
    this.#entities = entities;
  }

  getProviderName(): string {
    return 'scale-organisation';
  }

  async connect(connection: EntityProviderConnection): Promise<void> {
    if (!this.#entities) {
      return;
    }
    await connection.applyMutation({
      type: 'full',
      entities: this.#entities.map(entity => ({
        entity,
        locationKey: this.getProviderName(),
      })),
    });
  }
}
