export { readPriceOverrides } from './config';
export { costOf, costsOf, pricesFor, undiscountedCostOf } from './costOf';
export type { Service } from './costOf';
export { PriceList } from './PriceList';
export { priceVariants, tokenPrices } from './schemas';
export type { PriceOverride } from './PriceOverride';
