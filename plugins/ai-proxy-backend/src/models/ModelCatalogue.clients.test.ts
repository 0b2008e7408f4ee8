import { ConfigReader } from '@backstage/config';
import { catalogueOf } from './__testUtils__/catalogueOf';
import { sourceDocument, sourceModel } from './__testUtils__/sourceModels';
import { readModelsConfig } from './config';
import { ModelCatalogue } from './ModelCatalogue';
import { readDocument } from './source';

const ids = (models: readonly { id: string }[]) => models.map(({ id }) => id);
const everything = () => true;

describe('names of the organisation', () => {
  const catalogue = catalogueOf({
    aliases: {
      big: 'anthropic/claude-opus-5',
      'gpt-5.4': 'openai/gpt-4o',
      next: 'anthropic/claude-opus-9',
    },
    deny: ['claude-3-*'],
  });

  it('stand for models, at the API of their provider', () => {
    expect(catalogue.resolveAlias('anthropic', 'big')).toEqual({
      provider: 'anthropic',
      id: 'claude-opus-5',
    });
    expect(catalogue.resolveAlias('openai', 'big')).toBeUndefined();
    expect(
      catalogue.resolveAlias('anthropic', 'claude-opus-5'),
    ).toBeUndefined();
  });

  it('are offered to clients, first, where their model is known and may be used', () => {
    const offered = catalogue.listFor('anthropic', everything);
    expect(ids(offered)).toEqual(['big', 'claude-opus-5', 'claude-sonnet-4-5']);
    expect(offered[0].name).toBe('big (The claude-opus-5)');
    expect(
      ids(catalogue.listFor('anthropic', ({ id }) => id !== 'claude-opus-5')),
    ).toEqual(['claude-sonnet-4-5']);
  });

  it('take the place of models with that id', () => {
    const offered = catalogue.listFor('openai', everything);
    expect(ids(offered).filter(id => id === 'gpt-5.4')).toHaveLength(1);
    expect(offered.find(({ id }) => id === 'gpt-5.4')?.prices?.input).toBe(2.5);
  });

  it('are found one by one, as any model', () => {
    const find = (id: string) =>
      catalogue.findFor('anthropic', id, everything)?.id;
    expect(find('big')).toBe('big');
    expect(find('claude-sonnet-4-5-20250929')).toBe(
      'claude-sonnet-4-5-20250929',
    );
    expect(find('claude-3-haiku')).toBeUndefined();
    expect(find('gpt-4o')).toBeUndefined();
  });

  it('are told in the status when their model is unknown', () => {
    expect(catalogue.status().unknownAliases).toEqual(['next']);
  });

  it('of several providers of an API are told once', () => {
    const twice = catalogueOf({
      own: [
        { provider: 'local', id: 'openai/gpt-5.4', name: 'Ours' },
        { provider: 'local', id: 'llama' },
      ],
    });
    expect(twice.listFor('compat', everything).map(({ name }) => name)).toEqual(
      ['llama', 'Ours'],
    );
  });
});

describe('providers that have some models only', () => {
  const catalogue = new ModelCatalogue(
    readModelsConfig(
      new ConfigReader({
        aiProxy: {
          providers: {
            eu: { api: 'anthropic', models: ['claude-opus-*'] },
            us: { api: 'anthropic' },
          },
          models: { aliases: { small: 'eu/claude-haiku' } },
        },
      } as never),
    ),
  );
  const document = sourceDocument({
    anthropic: [sourceModel('claude-opus-5'), sourceModel('claude-haiku')],
  });
  catalogue.replace(readDocument(document, ['anthropic']), {
    origin: 'source',
    asOf: new Date(),
  });

  it('offer those, and others the rest', () => {
    expect(
      catalogue
        .listFor('anthropic', everything)
        .map(({ provider, id }) => `${provider}/${id}`),
    ).toEqual(['eu/small', 'eu/claude-opus-5', 'us/claude-haiku']);
    expect(ids(catalogue.list('eu'))).toEqual(['claude-opus-5']);
    expect(
      catalogue.findFor('anthropic', 'claude-haiku', everything)?.provider,
    ).toBe('us');
  });
});
