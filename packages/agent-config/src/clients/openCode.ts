import type { JsonObject } from '@backstage/types';
import { AgentConfigLayer, isRecord } from '../compile';
import type {
  ClientTarget,
  ModelApi,
  OfferedModel,
} from './ClientConfiguration';
import { fillPlaceholders, mergeConfig } from './merge';

/** How OpenCode knows the parts of the AI proxy (seen with 1.18.33). */
const PROVIDERS: Record<
  ModelApi,
  { id: string; npm: string; name: string; path: string }
> = {
  anthropic: {
    id: 'anthropic',
    npm: '@ai-sdk/anthropic',
    name: 'Anthropic',
    path: '/anthropic/v1',
  },
  openai: {
    id: 'openai',
    npm: '@ai-sdk/openai',
    name: 'OpenAI',
    path: '/openai/v1',
  },
  'google-ai-studio': {
    id: 'google',
    npm: '@ai-sdk/google',
    name: 'Google',
    path: '/google-ai-studio/v1beta',
  },
  compat: {
    id: 'compat',
    npm: '@ai-sdk/openai-compatible',
    name: 'Open models',
    path: '/compat',
  },
};

const MODALITIES = ['text', 'audio', 'image', 'video', 'pdf'];

/** Name of a model with its provider, as OpenCode writes it. */
export function modelReference({ api, id }: OfferedModel): string {
  return `${PROVIDERS[api].id}/${id}`;
}

/**
 * The configuration of OpenCode 1, without instructions.
 *
 * @param options.tokenVariable - of which OpenCode takes the token
 */
export function openCodeConfig(
  layer: AgentConfigLayer,
  options: ClientTarget & { tokenVariable: string },
): JsonObject {
  const { provider: settings, ...rest } = layer.config;
  return fillPlaceholders<JsonObject>(
    {
      $schema: 'https://opencode.ai/config.json',
      ...rest,
      ...openCodeProviders({
        ...options,
        settings: isRecord(settings) ? (settings as JsonObject) : {},
        enabled: rest.enabled_providers,
      }),
    },
    options.urls,
  );
}

/**
 * The providers, each with the models that are offered and no others. Of one
 * without models only its absence from `enabled_providers` is left.
 *
 * @param options.settings - of the sources, which may choose among the models
 * @param options.enabled - `enabled_providers` of the sources
 */
export function openCodeProviders(
  options: ClientTarget & {
    tokenVariable: string;
    settings: JsonObject;
    enabled?: unknown;
  },
): { provider: JsonObject; enabled_providers: string[] } {
  const { settings, models, tokenVariable, enabled } = options;
  const provider: JsonObject = {};
  for (const [api, { id, npm, name, path }] of Object.entries(PROVIDERS)) {
    const ofSources = settings[id];
    const own = (isRecord(ofSources) ? ofSources : {}) as JsonObject;
    const chosen = Array.isArray(own.whitelist) ? own.whitelist : undefined;
    const offered = codingModels(models).filter(
      model => model.api === api && (!chosen || chosen.includes(model.id)),
    );
    if (offered.length === 0) {
      continue;
    }
    const generated = {
      npm,
      name,
      options: {
        baseURL: `{baseURL}${path}`,
        apiKey: `{env:${tokenVariable}}`,
      },
      models: Object.fromEntries(
        offered.map(model => [model.id, describeModel(model)]),
      ),
    };
    const merged = mergeConfig(generated, own);
    provider[id] = { ...merged, whitelist: offered.map(model => model.id) };
  }
  const ids = Object.keys(provider);
  return {
    provider: fillPlaceholders(provider, options.urls),
    enabled_providers: Array.isArray(enabled)
      ? ids.filter(id => enabled.includes(id))
      : ids,
  };
}

/**
 * Models that a coding tool can use: they call tools. What a catalogue says of
 * them becomes configuration, so ids in which OpenCode would replace something
 * are not used.
 */
export function codingModels(models: readonly OfferedModel[]): OfferedModel[] {
  return models.filter(
    ({ id, capabilities }) =>
      capabilities.toolCalls &&
      capabilities.outputModalities.includes('text') &&
      !/[{}]/.test(id),
  );
}

function describeModel(model: OfferedModel): JsonObject {
  const { limits, capabilities, prices } = model;
  const known = (modalities: string[]) =>
    modalities.filter(modality => MODALITIES.includes(modality));
  return {
    name: withoutBraces(model.name),
    ...(model.releaseDate && {
      release_date: withoutBraces(model.releaseDate),
    }),
    ...(model.status && { status: model.status }),
    attachment: capabilities.attachments,
    reasoning: capabilities.reasoning,
    temperature: capabilities.temperature,
    tool_call: true,
    modalities: {
      input: known(capabilities.inputModalities),
      output: known(capabilities.outputModalities),
    },
    ...(limits.context !== undefined &&
      limits.output !== undefined && {
        limit: {
          context: limits.context,
          ...(limits.input !== undefined && { input: limits.input }),
          output: limits.output,
        },
      }),
    ...(prices && {
      cost: {
        input: prices.input,
        output: prices.output,
        ...(prices.cacheRead !== undefined && { cache_read: prices.cacheRead }),
        ...(prices.cacheWrite5m !== undefined && {
          cache_write: prices.cacheWrite5m,
        }),
      },
    }),
  };
}

/** OpenCode would replace what is between them. */
function withoutBraces(text: string): string {
  return text.replace(/[{}]/g, '');
}
