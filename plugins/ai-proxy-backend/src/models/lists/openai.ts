import type { CatalogueModel } from '@prompt-corner/plugin-ai-proxy-common';
import { releasedAt } from './query';

/** A model in OpenAI's words (`GET /v1/models`). */
export interface OpenAiModel {
  id: string;
  object: 'model';
  /** In seconds since 1970. */
  created: number;
  owned_by: string;
}

/** All of them; OpenAI has no pages here. */
export interface OpenAiModelList {
  object: 'list';
  data: OpenAiModel[];
  /** For Codex only. */
  models?: [];
}

/**
 * Answers `GET /v1/models` of OpenAI and whatever is compatible.
 *
 * Codex asks with `client_version`, and wants a list `models` in words of its own,
 * with its instructions for each model. Without the list it logs an error and asks
 * again at each turn; an empty one leaves it with the models that it brings, for
 * five minutes (measured with 0.169.0, 2026-11).
 *
 * @param models - that the caller may use
 * @param parameters - of the request
 */
export function listOpenAiModels(
  models: readonly CatalogueModel[],
  parameters: Record<string, unknown>,
): OpenAiModelList {
  return {
    object: 'list',
    data: models.map(toOpenAiModel),
    ...(parameters.client_version !== undefined && { models: [] }),
  };
}

/** Answers `GET /v1/models/{id}` of OpenAI. */
export function toOpenAiModel(model: CatalogueModel): OpenAiModel {
  return {
    id: model.id,
    object: 'model',
    created: Math.floor(releasedAt(model).getTime() / 1000),
    owned_by: model.provider,
  };
}
