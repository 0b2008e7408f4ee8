/**
 * Prices of a model, in US dollars for a million tokens. What is not given costs
 * as much as the class to which it belongs.
 *
 * @public
 */
export interface TokenPrices {
  input: number;
  output: number;
  /** Read from the provider's prompt cache. */
  cacheRead?: number;
  /** Written to it for five minutes, or for the provider's default time. */
  cacheWrite5m?: number;
  /** Written to it for an hour. Default for Claude: twice the input's. */
  cacheWrite1h?: number;
  /** Where reasoning costs something else than other output. */
  reasoning?: number;
}

/** Prices of a model, and how they change with size and service tier. @public */
export interface ModelPrices extends TokenPrices {
  /** Instead, for requests whose input, cached or not, is larger; ascending. */
  tiers?: Array<TokenPrices & { aboveInputTokens: number }>;
  /** Instead, by service tier or mode as the answer names it, such as `priority`, `flex` or `fast`. Where tiers raise the price, these rise as much. */
  serviceTiers?: Record<string, TokenPrices>;
  /** In US dollars for a thousand times that the provider runs a tool of its own, by name, such as `webSearch`. */
  toolRequests?: Record<string, number>;
}

/** A model that providers have. @public */
export interface CatalogueModel {
  /** As requests name it. */
  id: string;
  /** Name of the provider in the configuration. */
  provider: string;
  name: string;
  description?: string;
  family?: string;
  /** ISO 8601 dates. */
  releaseDate?: string;
  lastUpdated?: string;
  /** In tokens. */
  limits: { context?: number; input?: number; output?: number };
  capabilities: {
    reasoning: boolean;
    toolCalls: boolean;
    attachments: boolean;
    structuredOutput: boolean;
    temperature: boolean;
    inputModalities: string[];
    outputModalities: string[];
    openWeights: boolean;
  };
  status?: 'alpha' | 'beta' | 'deprecated';
  /** ISO 8601: since when the source of the catalogue has it no more. What was known last still holds. */
  goneSince?: string;
  /** Null when nobody has said what it costs. */
  prices: ModelPrices | null;
}
