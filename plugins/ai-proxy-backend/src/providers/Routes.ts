import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import type { ApiName } from '@prompt-corner/plugin-ai-proxy-common';
import { globs } from './glob';
import type { Provider } from './Provider';

const KEY = 'aiProxy.fallbacks';

/** Where a request can go. */
export interface Candidate {
  provider: Provider;
  /** As the provider names it. */
  model: string;
}

interface Fallback {
  matches: (model: string) => boolean;
  to: Array<{ provider: Provider; model?: string }>;
}

interface Alias {
  provider: string;
  id: string;
}

/** Where requests for a model go, first and when that fails. */
export class Routes {
  readonly #providers: Provider[];
  readonly #has: Map<Provider, (model: string) => boolean>;
  readonly #fallbacks: Fallback[];
  readonly #aliasOf: (api: ApiName, name: string) => Alias | undefined;

  /**
   * @param options.aliasOf - what a name of the organisation's own stands for
   * @throws InputError when the section `aiProxy.fallbacks` cannot be used
   */
  constructor(options: {
    providers: Provider[];
    config: Config;
    aliasOf: (api: ApiName, name: string) => Alias | undefined;
  }) {
    this.#providers = options.providers;
    this.#aliasOf = options.aliasOf;
    this.#has = new Map(
      options.providers.map(provider => [
        provider,
        provider.models ? globs(provider.models) : () => true,
      ]),
    );
    this.#fallbacks = readFallbacks(options.config, options.providers);
  }

  /** All providers that clients reach at an API. */
  at(api: ApiName): Provider[] {
    return this.#providers.filter(provider => provider.api === api);
  }

  /**
   * The chain for a model: the provider that has it, and then those to fall back
   * to, all of the same API, as bodies are never translated.
   *
   * @returns empty when no provider has it
   */
  chain(api: ApiName, name: string): Candidate[] {
    const alias = this.#aliasOf(api, name);
    const model = alias?.id ?? name;
    const first = this.#providers.find(
      provider =>
        provider.api === api &&
        (alias
          ? provider.name === alias.provider
          : this.#has.get(provider)!(model)),
    );
    if (!first) {
      return [];
    }
    const chain: Candidate[] = [{ provider: first, model }];
    for (const { matches, to } of this.#fallbacks) {
      if (matches(`${first.name}/${model}`) || matches(model)) {
        chain.push(
          ...to
            .filter(({ provider }) => provider.api === api)
            .map(({ provider, model: other = model }) => ({
              provider,
              model: other,
            })),
        );
      }
    }
    return chain.filter(
      (candidate, index) =>
        chain.findIndex(
          ({ provider, model: other }) =>
            provider === candidate.provider && other === candidate.model,
        ) === index,
    );
  }
}

function readFallbacks(config: Config, providers: Provider[]): Fallback[] {
  return (config.getOptionalConfigArray(KEY) ?? []).map((item, index) => ({
    matches: globs(item.getStringArray('models')),
    to: item.getConfigArray('to').map((to, at) => {
      const name = to.getString('provider');
      const provider = providers.find(candidate => candidate.name === name);
      if (!provider) {
        throw new InputError(
          `${KEY}[${index}].to[${at}].provider is "${name}"; the providers are ${providers
            .map(candidate => candidate.name)
            .join(', ')}`,
        );
      }
      return { provider, model: to.getOptionalString('model') };
    }),
  }));
}
