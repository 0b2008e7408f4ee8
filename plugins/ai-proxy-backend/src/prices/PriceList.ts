import type {
  ApiName,
  CatalogueModel,
} from '@prompt-corner/plugin-ai-proxy-common';
import { LRUCache } from 'lru-cache';
import { withCacheWrites } from './cacheWrites';
import { overridden, PriceOverride } from './PriceOverride';

/** Clients can name as many models as they like. */
const MAX_UNKNOWN = 1_000;

/** The prices that hold for this organisation. */
export class PriceList {
  readonly #overrides: readonly PriceOverride[];
  readonly #apiOf: (provider: string) => ApiName | undefined;
  // The catalogue makes new models when it is refreshed, and forgets the others.
  readonly #models = new WeakMap<CatalogueModel, CatalogueModel>();
  readonly #unknown = new LRUCache<string, CatalogueModel>({
    max: MAX_UNKNOWN,
  });

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
   * A model with the prices that hold for it.
   *
   * @param known - what the catalogue has of it
   * @returns undefined for a model that the catalogue does not have, unless a contract says both what its input and its output cost
   */
  find(
    { provider, id }: Pick<CatalogueModel, 'provider' | 'id'>,
    known: CatalogueModel | undefined,
  ): CatalogueModel | undefined {
    if (known) {
      return this.withOverrides(known);
    }
    if (this.#overrides.length === 0) {
      return undefined;
    }
    const key = `${provider}\n${id}`;
    let model = this.#unknown.get(key);
    if (!model) {
      model = this.withOverrides(unknownModel(provider, id));
      this.#unknown.set(key, model);
    }
    return model.prices ? model : undefined;
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

/** All that can be said of a model that the catalogue does not have. */
function unknownModel(provider: string, id: string): CatalogueModel {
  return {
    id,
    provider,
    name: id,
    limits: {},
    capabilities: {
      reasoning: false,
      toolCalls: false,
      attachments: false,
      structuredOutput: false,
      temperature: false,
      inputModalities: [],
      outputModalities: [],
      openWeights: false,
    },
    prices: null,
  };
}
