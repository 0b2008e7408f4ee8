import type { JsonObject } from '@backstage/types';
import {
  AgentConfig,
  AgentConfigLayer,
  ClientUrls,
  fillPlaceholders,
  mergeConfig,
  modelReference,
  OfferedModel,
  openCodeProviders,
  TOKEN_VARIABLE,
} from '@prompt-corner/agent-config';
import type { Instructions } from './Instructions';

/** What somebody gets on top of what everybody gets. */
export interface Personal {
  /** Entity refs. */
  teams: readonly string[];
  /** Those that may be used, of those that are offered. */
  models: readonly OfferedModel[];
}

/** The layer of the organisation with those of some teams over it, by name. */
export function layerFor(
  { organisation, teams }: AgentConfig,
  memberOf: readonly string[],
): AgentConfigLayer {
  return overlays(teams, memberOf).reduce(
    (below, over) => ({
      config: mergeConfig(below.config, over.config),
      instructions: [...below.instructions, ...over.instructions],
      clientModels: { ...below.clientModels, ...over.clientModels },
    }),
    organisation,
  );
}

/**
 * What OpenCode lays over the document of everybody for one person: what the
 * teams have, and which models are left.
 */
export function openCodeConfigFor(
  config: AgentConfig,
  { teams, models }: Personal,
  options: { urls: ClientUrls; instructions: Instructions },
): JsonObject {
  const { urls, instructions } = options;
  const layer = layerFor(config, teams);
  const over = overlays(config.teams, teams).reduce<JsonObject>(
    (below, team) => mergeConfig(below, team.config),
    {},
  );
  const { provider: settings = {}, ...ofTeams } = over;
  const providers = openCodeProviders({
    urls,
    models,
    tokenVariable: TOKEN_VARIABLE,
    settings: (layer.config.provider ?? {}) as JsonObject,
    enabled: layer.config.enabled_providers,
  });
  const whitelists: JsonObject = {};
  for (const [id, provider] of Object.entries(providers.provider)) {
    whitelists[id] = { whitelist: (provider as JsonObject).whitelist! };
  }
  const published = instructions.publish(layer);
  return {
    ...mergeConfig(
      fillPlaceholders<JsonObject>(ofTeams, urls),
      usableInstead(layer, models),
    ),
    provider: mergeConfig(
      fillPlaceholders(settings as JsonObject, urls),
      whitelists,
    ),
    enabled_providers: providers.enabled_providers,
    ...(published.length > 0 && { instructions: published }),
  };
}

function overlays(
  teams: AgentConfig['teams'],
  memberOf: readonly string[],
): AgentConfigLayer[] {
  const members = new Set(memberOf.map(ref => ref.toLowerCase()));
  return Object.entries(teams)
    .filter(([team]) => members.has(team))
    .map(([, layer]) => layer);
}

/** Models of agents and commands, and those to begin with, that may not be used, replaced by some that may. */
function usableInstead(
  { config }: AgentConfigLayer,
  models: readonly OfferedModel[],
): JsonObject {
  const usable = models.map(modelReference);
  const replaced: JsonObject = {};
  for (const key of ['model', 'small_model']) {
    const instead = insteadOf(config[key], usable);
    if (instead) {
      replaced[key] = instead;
    }
  }
  for (const key of ['agent', 'command']) {
    const items: JsonObject = {};
    for (const [name, item] of Object.entries(config[key] ?? {})) {
      const instead = insteadOf((item as JsonObject).model, usable);
      if (instead) {
        items[name] = { model: instead };
      }
    }
    if (Object.keys(items).length > 0) {
      replaced[key] = items;
    }
  }
  return replaced;
}

function insteadOf(wanted: unknown, usable: string[]): string | undefined {
  if (typeof wanted !== 'string' || usable.includes(wanted)) {
    return undefined;
  }
  const [provider] = wanted.split('/');
  return (
    usable.find(reference => reference.startsWith(`${provider}/`)) ?? usable[0]
  );
}
