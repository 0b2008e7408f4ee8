import { InputError } from '@backstage/errors';
import type { CatalogueModel } from '@prompt-corner/plugin-ai-proxy-common';
import { z } from 'zod';
import { indexOfModel, readQuery } from './query';

/** A model in Gemini's words (`GET /v1beta/models`). */
export interface GeminiModel {
  /** `models/` and the id. */
  name: string;
  version: string;
  displayName: string;
  description?: string;
  inputTokenLimit?: number;
  outputTokenLimit?: number;
  supportedGenerationMethods: string[];
  thinking?: boolean;
}

/** A page of them. */
export interface GeminiModelList {
  models: GeminiModel[];
  /** Absent on the last page. */
  nextPageToken?: string;
}

const MOST_ON_A_PAGE = 1_000;

const query = z.object({
  // 0 is as good as nothing in Google's APIs, and too many are as many as there may be.
  pageSize: z.coerce.number().int().min(0).default(0),
  pageToken: z.string().max(1_000).optional(),
});

/**
 * Answers `GET /v1beta/models` of Gemini.
 *
 * @param models - that the caller may use
 * @param parameters - of the request: `pageSize`, 1000 at most with 50 as the
 *   default, and `pageToken`
 * @throws InputError naming the parameter that cannot be used
 */
export function listGeminiModels(
  models: readonly CatalogueModel[],
  parameters: Record<string, unknown>,
): GeminiModelList {
  const { pageSize, pageToken } = readQuery(query, parameters);
  const size = Math.min(pageSize || 50, MOST_ON_A_PAGE);
  const rest = pageToken
    ? models.slice(indexOfModel(models, readToken(pageToken), 'pageToken') + 1)
    : models;
  const page = rest.slice(0, size);
  return {
    models: page.map(toGeminiModel),
    ...(rest.length > size && { nextPageToken: toToken(page.at(-1)!.id) }),
  };
}

function toToken(id: string): string {
  return Buffer.from(JSON.stringify([id])).toString('base64url');
}

function readToken(token: string): string {
  try {
    const [id] = JSON.parse(String(Buffer.from(token, 'base64url')));
    return String(id);
  } catch {
    throw new InputError('pageToken: it is none of this list');
  }
}

/** Answers `GET /v1beta/models/{id}` of Gemini. */
export function toGeminiModel(model: CatalogueModel): GeminiModel {
  const { limits, capabilities } = model;
  return {
    name: `models/${model.id}`,
    version: model.lastUpdated ?? model.releaseDate ?? '001',
    displayName: model.name,
    description: model.description,
    inputTokenLimit: limits.input ?? limits.context,
    outputTokenLimit: limits.output,
    supportedGenerationMethods: methodsOf(model),
    ...(capabilities.reasoning && { thinking: true }),
  };
}

function methodsOf({ id, capabilities }: CatalogueModel): string[] {
  if (id.includes('embedding')) {
    return ['embedContent', 'countTokens'];
  }
  if (
    !capabilities.outputModalities.some(to =>
      ['text', 'audio', 'image'].includes(to),
    )
  ) {
    return ['predictLongRunning'];
  }
  return ['generateContent', 'countTokens'];
}
