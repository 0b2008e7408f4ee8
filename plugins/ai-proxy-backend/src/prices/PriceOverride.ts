import type {
  CatalogueModel,
  ModelPrices,
  TokenPrices,
} from '@prompt-corner/plugin-ai-proxy-common';
import { mapPrices } from './mapPrices';

/** What a contract says of the prices of some models. */
export interface PriceOverride {
  /** Name of the provider in the configuration; absent for every one. */
  provider?: string;
  /** Whether it is about the model of an id. */
  matches(id: string): boolean;
  /** Instead of those of the catalogue; those that are not given stay. */
  prices?: Partial<ModelPrices>;
  /** Off all prices of the catalogue; negative for more. */
  discountPercent?: number;
}

/**
 * The model with the prices of a contract. A model without prices gets some only where
 * the contract has both that for input and that for output.
 */
export function overridden(
  model: CatalogueModel,
  override: PriceOverride,
): CatalogueModel {
  const { prices, discountPercent } = override;
  if (discountPercent !== undefined) {
    const factor = 1 - discountPercent / 100;
    return {
      ...model,
      prices: model.prices && mapPrices(model.prices, scaledBy(factor)),
    };
  }
  const { input, output, ...others } = { ...model.prices, ...prices };
  return {
    ...model,
    prices:
      input === undefined || output === undefined
        ? null
        : { input, output, ...others },
  };
}

const CLASSES: Array<keyof TokenPrices> = [
  'input',
  'output',
  'cacheRead',
  'cacheWrite5m',
  'cacheWrite1h',
  'reasoning',
];

function scaledBy(factor: number) {
  return <T extends TokenPrices>(price: T): T => {
    const scaled = CLASSES.filter(name => price[name] !== undefined).map(
      name => [name, price[name]! * factor],
    );
    return { ...price, ...Object.fromEntries(scaled) };
  };
}
