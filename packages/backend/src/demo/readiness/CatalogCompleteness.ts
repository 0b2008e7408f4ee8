import {
  createServiceFactory,
  createServiceRef,
} from '@backstage/backend-plugin-api';

/** Says whether the catalog holds every entity of the demo organisation. */
export class CatalogCompleteness {
  #isComplete = false;
  #resolve = () => {};
  readonly #completed = new Promise<void>(resolve => {
    this.#resolve = resolve;
  });

  /** True from the moment when the catalog was first seen complete. */
  isComplete(): boolean {
    return this.#isComplete;
  }

  /** Settles at that moment. */
  whenComplete(): Promise<void> {
    return this.#completed;
  }

  /** To be called by whoever watches the catalog. */
  markComplete(): void {
    this.#isComplete = true;
    this.#resolve();
  }
}

/** The one {@link CatalogCompleteness} of the backend, which plugins and root services share. */
export const catalogCompletenessServiceRef =
  createServiceRef<CatalogCompleteness>({
    id: 'demo.catalog-completeness',
    scope: 'root',
    defaultFactory: async service =>
      createServiceFactory({
        service,
        deps: {},
        factory: () => new CatalogCompleteness(),
      }),
  });
