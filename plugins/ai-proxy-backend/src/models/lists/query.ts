import { InputError } from '@backstage/errors';
import type { CatalogueModel } from '@prompt-corner/plugin-ai-proxy-common';
import type { z } from 'zod';

/**
 * Reads the parameters of a list; those that it does not know are for others.
 *
 * @throws InputError naming the parameter that cannot be used
 */
export function readQuery<T>(
  schema: z.ZodType<T>,
  parameters: Record<string, unknown>,
): T {
  const read = schema.safeParse(parameters);
  if (!read.success) {
    const [{ path, message }] = read.error.issues;
    throw new InputError([path.join('.'), message].filter(Boolean).join(': '));
  }
  return read.data;
}

/**
 * Where in the list a page begins.
 *
 * @throws InputError when the model is not there
 */
export function indexOfModel(
  models: readonly CatalogueModel[],
  id: string,
  parameter: string,
): number {
  const index = models.findIndex(model => model.id === id);
  if (index < 0) {
    throw new InputError(
      `${parameter}: there is no such model in this list; begin again without it`,
    );
  }
  return index;
}

/** When a model was released; the beginning of 1970 when nobody knows. */
export function releasedAt({ releaseDate }: CatalogueModel): Date {
  const date = new Date(releaseDate ?? 0);
  return Number.isNaN(date.getTime()) ? new Date(0) : date;
}
