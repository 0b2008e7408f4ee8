import { InputError } from '@backstage/errors';
import { z } from 'zod';
import { SourceModel, sourceModelSchema } from './sourceModel';

/** Of models that could not be read. */
const MOST_EXAMPLES = 20;

/**
 * What is kept of a source: the models of those providers that the configuration
 * uses. All of models.dev is 5 MB, and most of it nobody here asks for.
 */
export interface CatalogueDocument {
  /** Ids of the providers that were looked for. */
  asked: readonly string[];
  /** Those of them of which the source has nothing. */
  missing: readonly string[];
  /** By the source's id of the provider, and the model's id. */
  providers: Map<string, Map<string, SourceModel>>;
  /** ISO 8601, by `provider/model`: since when the source has it no more. */
  goneSince: Map<string, string>;
  skipped: { count: number; examples: string[] };
}

const sourceProvider = z.looseObject({
  models: z.record(z.string(), z.unknown()),
});

/**
 * Reads a document of the shape of models.dev's `api.json`. A model that cannot
 * be read is left out and counted; so is a provider.
 *
 * @param document - parsed JSON
 * @param wanted - ids of providers in the source
 * @throws InputError when it has another shape, or no model of any wanted provider
 */
export function readDocument(
  document: unknown,
  wanted: readonly string[],
): CatalogueDocument {
  if (
    typeof document !== 'object' ||
    document === null ||
    Array.isArray(document)
  ) {
    throw new InputError('It is not an object of providers');
  }
  const read = {
    providers: new Map(),
    goneSince: new Map(),
    skipped: { count: 0, examples: [] },
  };
  for (const id of wanted) {
    if (Object.hasOwn(document, id)) {
      readProvider(read, id, (document as Record<string, unknown>)[id]);
    }
  }
  if (wanted.length > 0 && read.providers.size === 0) {
    throw new InputError(
      `It has no models of any of these providers: ${wanted.join(', ')}`,
    );
  }
  return {
    ...read,
    asked: wanted,
    missing: wanted.filter(id => !read.providers.has(id)),
  };
}

function readProvider(
  read: Pick<CatalogueDocument, 'providers' | 'skipped'>,
  id: string,
  value: unknown,
): void {
  const provider = sourceProvider.safeParse(value);
  if (!provider.success) {
    skip(read, id, provider.error);
    return;
  }
  const models = new Map<string, SourceModel>();
  for (const [key, entry] of Object.entries(provider.data.models)) {
    const model = sourceModelSchema.safeParse(entry);
    if (model.success && model.data.id === key) {
      models.set(key, model.data);
    } else {
      skip(read, `${id}/${key}`, model.error);
    }
  }
  if (models.size > 0) {
    read.providers.set(id, models);
  }
}

function skip(
  { skipped }: Pick<CatalogueDocument, 'skipped'>,
  what: string,
  error: z.ZodError | undefined,
): void {
  skipped.count += 1;
  if (skipped.examples.length < MOST_EXAMPLES) {
    const issue = error?.issues[0];
    const problem = issue
      ? `${issue.path.join('.')}: ${issue.message}`
      : 'id: not the one under which it is listed';
    skipped.examples.push(`${what.slice(0, 250)}: ${problem.slice(0, 250)}`);
  }
}

/** What {@link parseStored} reads again. */
export function toStored(document: CatalogueDocument): string {
  return JSON.stringify({
    asked: document.asked,
    missing: document.missing,
    providers: Object.fromEntries(
      [...document.providers].map(([id, models]) => [
        id,
        { models: Object.fromEntries(models) },
      ]),
    ),
    goneSince: Object.fromEntries(document.goneSince),
    skipped: document.skipped,
  });
}

const storedSchema = z.object({
  asked: z.array(z.string()),
  missing: z.array(z.string()),
  providers: z.record(z.string(), z.unknown()),
  goneSince: z.record(z.string(), z.string()),
  skipped: z.object({ count: z.number(), examples: z.array(z.string()) }),
});

/**
 * Reads what {@link toStored} wrote.
 *
 * @throws InputError when another version wrote it in another way
 */
export function parseStored(text: string): CatalogueDocument {
  const stored = storedSchema.safeParse(JSON.parse(text));
  if (!stored.success) {
    throw new InputError('The stored models cannot be read', stored.error);
  }
  const { providers, goneSince, ...rest } = stored.data;
  return {
    ...rest,
    providers: readDocument(providers, Object.keys(providers)).providers,
    goneSince: new Map(Object.entries(goneSince)),
  };
}
