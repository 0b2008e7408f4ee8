import type { CatalogueModel } from '@prompt-corner/plugin-ai-proxy-common';
import { z } from 'zod';
import { indexOfModel, readQuery, releasedAt } from './query';

/** A model in Anthropic's words (`GET /v1/models`, version 2023-06-01). */
export interface AnthropicModel {
  type: 'model';
  id: string;
  display_name: string;
  created_at: string;
  max_input_tokens: number | null;
  max_tokens: number | null;
  lifecycle: 'active' | 'deprecated';
  /** Not known here; clients expect the fields. */
  capabilities: null;
  line: null;
  deprecated_at: null;
  retires_at: null;
}

/** A page of them. */
export interface AnthropicModelList {
  data: AnthropicModel[];
  has_more: boolean;
  first_id: string | null;
  last_id: string | null;
}

const query = z
  .object({
    limit: z.coerce.number().int().min(1).max(1000).default(20),
    after_id: z.string().optional(),
    before_id: z.string().optional(),
  })
  .refine(({ after_id: after, before_id: before }) => !after || !before, {
    error: 'after_id and before_id exclude each other',
  });

/**
 * Answers `GET /v1/models` of Anthropic.
 *
 * @param models - that the caller may use
 * @param parameters - of the request: `limit`, 1 to 1000 with 20 as the default;
 *   `after_id` or `before_id`
 * @throws InputError naming the parameter that cannot be used
 */
export function listAnthropicModels(
  models: readonly CatalogueModel[],
  parameters: Record<string, unknown>,
): AnthropicModelList {
  const {
    limit,
    after_id: after,
    before_id: before,
  } = readQuery(query, parameters);
  if (before) {
    const ahead = models.slice(0, indexOfModel(models, before, 'before_id'));
    return toList(ahead.slice(-limit), ahead.length > limit);
  }
  const rest = after
    ? models.slice(indexOfModel(models, after, 'after_id') + 1)
    : models;
  return toList(rest.slice(0, limit), rest.length > limit);
}

function toList(
  page: readonly CatalogueModel[],
  hasMore: boolean,
): AnthropicModelList {
  return {
    data: page.map(toAnthropicModel),
    has_more: hasMore,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  };
}

/** Answers `GET /v1/models/{id}` of Anthropic. */
export function toAnthropicModel(model: CatalogueModel): AnthropicModel {
  return {
    type: 'model',
    id: model.id,
    display_name: model.name,
    created_at: releasedAt(model).toISOString().replace('.000Z', 'Z'),
    max_input_tokens: model.limits.input ?? model.limits.context ?? null,
    max_tokens: model.limits.output ?? null,
    lifecycle: model.status === 'deprecated' ? 'deprecated' : 'active',
    capabilities: null,
    line: null,
    deprecated_at: null,
    retires_at: null,
  };
}
