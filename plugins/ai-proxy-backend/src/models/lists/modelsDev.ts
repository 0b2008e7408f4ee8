import type {
  ApiName,
  CatalogueModel,
  TokenPrices,
} from '@prompt-corner/plugin-ai-proxy-common';
import type { SourceModel } from '../source';

/** A provider as models.dev has it, and clients that read models.dev know it. */
export interface ModelsDevProvider {
  id: string;
  name: string;
  /** Of the AI SDK. */
  npm: string;
  /** Environment variables with which a client would use it by itself: none. */
  env: string[];
  /** Base URL. */
  api?: string;
  models: Record<string, Record<string, unknown>>;
}

/** Under which ids, and with which packages, clients of models.dev know our APIs. */
const PROVIDERS: Record<ApiName, { id: string; name: string; npm: string }> = {
  anthropic: { id: 'anthropic', name: 'Anthropic', npm: '@ai-sdk/anthropic' },
  openai: { id: 'openai', name: 'OpenAI', npm: '@ai-sdk/openai' },
  'google-ai-studio': { id: 'google', name: 'Google', npm: '@ai-sdk/google' },
  compat: {
    id: 'compat',
    name: 'Open models',
    npm: '@ai-sdk/openai-compatible',
  },
};

/**
 * Answers `GET /api.json` of models.dev with the models that a caller may use,
 * by API of the proxy: what OpenCode asks for at `OPENCODE_MODELS_URL`.
 *
 * Where a source sends a model elsewhere, or names another package for it, that
 * is left out: all models are at the proxy.
 *
 * @param models - by API, that the caller may use; APIs without any are left out
 * @param options.sourceOf - a model as its source has it, with what only clients read
 * @param options.baseUrlOf - where clients reach an API
 */
export function listModelsDev(
  models: ReadonlyMap<ApiName, readonly CatalogueModel[]>,
  options: {
    sourceOf: (model: CatalogueModel) => SourceModel | undefined;
    baseUrlOf?: (api: ApiName) => string;
  },
): Record<string, ModelsDevProvider> {
  const { sourceOf, baseUrlOf } = options;
  return Object.fromEntries(
    [...models]
      .filter(([, offered]) => offered.length > 0)
      .map(([api, offered]) => [
        PROVIDERS[api].id,
        {
          ...PROVIDERS[api],
          env: [],
          ...(baseUrlOf && { api: baseUrlOf(api) }),
          models: Object.fromEntries(
            offered.map(model => [
              model.id,
              toModelsDevModel(model, sourceOf(model)),
            ]),
          ),
        },
      ]),
  );
}

function toModelsDevModel(
  model: CatalogueModel,
  source: SourceModel | undefined,
): Record<string, unknown> {
  if (source) {
    const { provider, ...rest } = source;
    return { ...rest, id: model.id, name: model.name, status: model.status };
  }
  const { limits, capabilities } = model;
  return {
    id: model.id,
    name: model.name,
    description: model.description,
    family: model.family,
    release_date: model.releaseDate ?? '1970-01-01',
    last_updated: model.lastUpdated ?? model.releaseDate ?? '1970-01-01',
    attachment: capabilities.attachments,
    reasoning: capabilities.reasoning,
    tool_call: capabilities.toolCalls,
    structured_output: capabilities.structuredOutput,
    temperature: capabilities.temperature,
    open_weights: capabilities.openWeights,
    modalities: {
      input: capabilities.inputModalities,
      output: capabilities.outputModalities,
    },
    // Clients need both; 0 is what models.dev has where nothing is known.
    limit: {
      context: limits.context ?? limits.input ?? 0,
      ...(limits.input !== undefined && { input: limits.input }),
      output: limits.output ?? 0,
    },
    ...(model.prices && {
      cost: {
        ...toCost(model.prices),
        ...(model.prices.tiers && {
          tiers: model.prices.tiers.map(tier => ({
            ...toCost(tier),
            tier: { type: 'context', size: tier.aboveInputTokens },
          })),
        }),
      },
    }),
    status: model.status,
  };
}

function toCost(prices: TokenPrices): Record<string, number | undefined> {
  return {
    input: prices.input,
    output: prices.output,
    cache_read: prices.cacheRead,
    cache_write: prices.cacheWrite5m,
    reasoning: prices.reasoning,
  };
}
