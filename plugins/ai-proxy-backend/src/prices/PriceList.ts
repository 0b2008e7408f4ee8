import type {
  ApiName,
  CatalogueModel,
} from '@prompt-corner/plugin-ai-proxy-common';
import { withCacheWrites } from './cacheWrites';
import { overridden, PriceOverride } from './PriceOverride';

/** The prices that hold for this organisation. */
export class PriceList {
  readonly #overrides: readonly PriceOverride[];
  readonly #apiOf: (provider: string) => ApiName | undefined;
  // The catalogue makes new models when it is refreshed, and forgets the others.
  readonly #models = new WeakMap<CatalogueModel, CatalogueModel>();

  /**
   * @param overrides - from the configuration; the first that matches a model counts
   * @param apiOf - the API that a provider of the configuration has
   */
  constructor(
    overrides: readonly PriceOverride[],
    apiOf: (provider: string) => ApiName | undefined,
  ) {
    this.#overrides = overrides;
    this.#apiOf = apiOf;
  }

  /**
   * The model with the prices of a contract, and with those that the catalogue leaves
   * out. The same object for the same model, in less than a microsecond.
   */
  withOverrides(model: CatalogueModel): CatalogueModel {
    const known = this.#models.get(model);
    if (known) {
      return known;
    }
    const { provider, id } = model;
    const override = this.#overrides.find(
      candidate =>
        (candidate.provider ?? provider) === provider && candidate.matches(id),
    );
    const priced = withCacheWrites(
      override ? overridden(model, override) : model,
      this.#apiOf(provider) === 'anthropic',
    );
    this.#models.set(model, priced);
    return priced;
  }
}
