import { ConfigReader } from '@backstage/config';
import { readModelsConfig } from '../config';
import { ModelCatalogue } from '../ModelCatalogue';
import { readDocument } from '../source';
import { sourceDocument, sourceModel } from './sourceModels';

const PROVIDERS = {
  anthropic: { api: 'anthropic' },
  openai: { api: 'openai' },
  local: { api: 'compat' },
  router: { api: 'compat', catalogue: 'openrouter' },
};

/**
 * A catalogue of a few models at four providers.
 *
 * @param models - the section `aiProxy.models`
 * @param gone - `provider/model` of those that the source has no more
 */
export function catalogueOf(models: object = {}, gone: string[] = []) {
  const catalogue = new ModelCatalogue(
    readModelsConfig(
      new ConfigReader({ aiProxy: { providers: PROVIDERS, models } } as never),
    ),
  );
  const document = readDocument(
    sourceDocument({
      anthropic: [
        sourceModel('claude-opus-5', { release_date: '2026-07-24' }),
        sourceModel('claude-sonnet-4-5', { release_date: '2025-09-29' }),
        sourceModel('claude-3-haiku', { release_date: '2024-03' }),
      ],
      openai: [
        sourceModel('gpt-5.4'),
        sourceModel('gpt-4o', { cost: { input: 2.5, output: 10 } }),
        sourceModel('gpt-4o-2024-05-13', { cost: { input: 5, output: 15 } }),
        sourceModel('gpt-image', { cost: undefined, limit: { context: 0 } }),
      ],
      openrouter: [sourceModel('openai/gpt-5.4')],
    }),
    ['anthropic', 'openai', 'openrouter'],
  );
  const goneSince = new Map(gone.map(key => [key, '2026-10-01T00:00:00.000Z']));
  catalogue.replace(
    { ...document, goneSince },
    { origin: 'source', asOf: new Date('2026-11-20T00:00:00Z') },
  );
  return catalogue;
}
