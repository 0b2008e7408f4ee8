import type { CatalogueModel } from '@prompt-corner/plugin-ai-proxy-common';
import type { SourceModel } from './sourceModel';
import { toPrices } from './toPrices';

/**
 * A model of models.dev as a model of ours.
 *
 * @param provider - as the configuration names it
 * @param goneSince - ISO 8601, of a model that the source has no more
 */
export function toModel(
  source: SourceModel,
  provider: string,
  goneSince?: string,
): CatalogueModel {
  return {
    id: source.id,
    provider,
    name: source.name,
    description: source.description,
    family: source.family,
    releaseDate: source.release_date,
    lastUpdated: source.last_updated,
    limits: {
      context: known(source.limit.context),
      input: known(source.limit.input),
      output: known(source.limit.output),
    },
    capabilities: {
      reasoning: source.reasoning ?? false,
      toolCalls: source.tool_call ?? false,
      attachments: source.attachment ?? false,
      structuredOutput: source.structured_output ?? false,
      temperature: source.temperature ?? false,
      inputModalities: source.modalities?.input ?? ['text'],
      outputModalities: source.modalities?.output ?? ['text'],
      openWeights: source.open_weights ?? false,
    },
    status: goneSince ? 'deprecated' : source.status,
    goneSince,
    prices: toPrices(source),
  };
}

/** models.dev writes 0 where there is no such limit, as for images. */
function known(limit: number | undefined): number | undefined {
  return limit || undefined;
}
