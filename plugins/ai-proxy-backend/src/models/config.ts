import { Config, readDurationFromConfig } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { durationToMilliseconds } from '@backstage/types';
import {
  API_NAMES,
  ApiName,
  CatalogueModel,
} from '@prompt-corner/plugin-ai-proxy-common';
import { globs } from '../providers';
import { ModelAlias, readAliases } from './aliases';
import { readOwnModels } from './ownModels';
import { ModelPatterns } from './patterns';

/** A provider of the configuration, as far as its models are concerned. */
export interface CatalogueProvider {
  name: string;
  /** Absent when the configuration has none that is known. */
  api?: ApiName;
  /** Whether requests for a model of this id come to it, as `aiProxy.providers.<name>.models` says. */
  has: (id: string) => boolean;
  /** Its id in the source; absent when only the configuration's own models are known. */
  catalogue?: string;
}

/** The section `aiProxy.models`, and what `aiProxy.providers` says of models, with defaults. */
export interface ModelsConfig {
  /** Of the source; absent when it is switched off. */
  url?: string;
  refreshMs: number;
  providers: CatalogueProvider[];
  /** Absent when all are allowed. */
  allow?: ModelPatterns;
  deny: ModelPatterns;
  aliases: ModelAlias[];
  own: CatalogueModel[];
}

const KEY = 'aiProxy.models';
const DEFAULT_URL = 'https://models.dev/api.json';
const HOUR_MS = 60 * 60_000;
const MINUTE_MS = 60_000;

/** What models.dev calls the providers that have an API of their own. */
const CATALOGUES: Partial<Record<ApiName, string>> = {
  anthropic: 'anthropic',
  openai: 'openai',
  'google-ai-studio': 'google',
};

/**
 * Reads the configuration; see `config.d.ts` for what each key means.
 *
 * @throws InputError naming the key that cannot be used
 */
export function readModelsConfig(root: Config): ModelsConfig {
  const config = root.getOptionalConfig(KEY);
  const providers = readProviders(root);
  const names = providers.map(({ name }) => name);
  const allow = config?.getOptionalStringArray('allow');
  return {
    url: readUrl(config),
    refreshMs: readRefresh(config),
    providers,
    allow: allow && new ModelPatterns(allow, `${KEY}.allow`),
    deny: new ModelPatterns(
      config?.getOptionalStringArray('deny') ?? [],
      `${KEY}.deny`,
    ),
    aliases: readAliases(readAliasRecord(config), names, `${KEY}.aliases`),
    own: readOwnModels(config?.getOptional('own') ?? [], names, `${KEY}.own`),
  };
}

function readProviders(root: Config): CatalogueProvider[] {
  const config = root.getOptionalConfig('aiProxy.providers');
  return (config?.keys() ?? []).map(name => {
    const provider = config!.getConfig(name);
    const api = API_NAMES.find(
      known => known === (provider.getOptionalString('api') ?? name),
    );
    const models = provider.getOptionalStringArray('models');
    return {
      name,
      api,
      has: models ? globs(models) : () => true,
      catalogue: readCatalogue(provider, name, api),
    };
  });
}

function readCatalogue(
  provider: Config,
  name: string,
  api: ApiName | undefined,
): string | undefined {
  const value = provider.getOptional('catalogue');
  if (value === undefined) {
    return api && CATALOGUES[api];
  }
  if (value !== false && (typeof value !== 'string' || value === '')) {
    throw new InputError(
      `aiProxy.providers.${name}.catalogue has to be the id of a provider in models.dev, such as openrouter, or false`,
    );
  }
  return value || undefined;
}

function readUrl(config: Config | undefined): string | undefined {
  const value = config?.getOptional('url') ?? DEFAULT_URL;
  if (value === false) {
    return undefined;
  }
  const url =
    typeof value === 'string' && URL.canParse(value)
      ? new URL(value)
      : undefined;
  if (
    !url ||
    !['https:', 'http:'].includes(url.protocol) ||
    url.username ||
    url.password
  ) {
    throw new InputError(
      `${KEY}.url has to be a URL without user and password, such as ${DEFAULT_URL}, or false`,
    );
  }
  return url.href;
}

function readRefresh(config: Config | undefined): number {
  if (!config?.has('refresh')) {
    return HOUR_MS;
  }
  const value = durationToMilliseconds(
    readDurationFromConfig(config, { key: 'refresh' }),
  );
  if (!(value >= MINUTE_MS)) {
    throw new InputError(`${KEY}.refresh has to be at least a minute`);
  }
  return value;
}

/** Aliases can have dots, which the configuration reader takes for paths. */
function readAliasRecord(config: Config | undefined): Record<string, string> {
  const value = config?.getOptional('aliases') ?? {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputError(`${KEY}.aliases has to be an object by name of alias`);
  }
  const wrong = Object.entries(value).find(
    ([, target]) => typeof target !== 'string',
  );
  if (wrong) {
    throw new InputError(`${KEY}.aliases.${wrong[0]} has to be a string`);
  }
  return value as Record<string, string>;
}
