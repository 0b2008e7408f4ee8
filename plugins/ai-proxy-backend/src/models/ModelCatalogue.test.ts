import { ConfigReader } from '@backstage/config';
import { sourceDocument, sourceModel } from './__testUtils__/sourceModels';
import { baseModelIds } from './baseModelIds';
import { readModelsConfig } from './config';
import { ModelCatalogue } from './ModelCatalogue';
import { readDocument } from './source';

const PROVIDERS = {
  anthropic: { api: 'anthropic' },
  openai: { api: 'openai' },
  local: { api: 'compat' },
  router: { api: 'compat', catalogue: 'openrouter' },
};

function catalogueOf(models: object = {}, gone: string[] = []) {
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

const ids = (models: readonly { id: string }[]) => models.map(({ id }) => id);
const everything = () => true;

describe('finding a model', () => {
  const catalogue = catalogueOf({
    own: [{ provider: 'local', id: 'llama3.2' }],
  });

  it('finds it as its provider names it', () => {
    expect(catalogue.find('anthropic', 'claude-opus-5')).toMatchObject({
      id: 'claude-opus-5',
      provider: 'anthropic',
      limits: { context: 200_000, input: undefined, output: 64_000 },
      prices: { input: 3, output: 15, cacheRead: 0.3, cacheWrite5m: 3.75 },
    });
    expect(catalogue.find('openai', 'gpt-image')).toMatchObject({
      limits: { context: undefined },
      prices: null,
    });
    expect(catalogue.find('router', 'openai/gpt-5.4')).toBeDefined();
  });

  it.each([
    ['anthropic', 'claude-sonnet-4-5-20250929', 'claude-sonnet-4-5'],
    ['anthropic', 'claude-sonnet-4-5@20250929', 'claude-sonnet-4-5'],
    ['anthropic', 'claude-opus-5@default', 'claude-opus-5'],
    ['openai', 'gpt-5.4-2026-03-05', 'gpt-5.4'],
    ['openai', 'gpt-4o-2024-05-13', 'gpt-4o-2024-05-13'],
    ['local', 'llama3.2:latest', 'llama3.2'],
    ['local', 'llama3.2-2026-01-01:latest', 'llama3.2'],
  ])('finds variants: at %s, %s is %s', (provider, id, expected) => {
    expect(catalogue.find(provider, id)?.id).toBe(expected);
  });

  it.each([
    ['openai', 'gpt-6'],
    ['openai', 'gpt-5.4-mini'],
    ['openai', 'ft:gpt-4o-2024-05-13:acme::x'],
    ['openai', 'claude-opus-5'],
    ['router', 'openai/gpt-5.4:free'],
    ['router', 'openai/gpt-5.4:thinking'],
    ['nobody', 'gpt-5.4'],
    ['openai', ''],
    ['openai', '__proto__'],
    ['openai', `gpt-5.4${'-20250929'.repeat(100_000)}`],
  ])('does not guess: at %s, nothing is known of %s', (provider, id) => {
    expect(catalogue.find(provider, id)).toBeUndefined();
  });

  it('says what a variant may be one of', () => {
    expect(baseModelIds('a-2026-01-01:latest')).toEqual(['a-2026-01-01', 'a']);
    expect(baseModelIds('gemini-2.0-flash-001')).toEqual(['gemini-2.0-flash']);
    expect(baseModelIds('gpt-5')).toEqual([]);
  });

  it('finds own models in place of those of the source', () => {
    const own = catalogueOf({
      own: [
        { provider: 'openai', id: 'gpt-4o', prices: { input: 1, output: 2 } },
      ],
    });
    expect(own.find('openai', 'gpt-4o')?.prices).toMatchObject({ input: 1 });
    expect(own.sourceOf(own.find('openai', 'gpt-4o')!)).toBeUndefined();
  });

  it('finds what the source has no more, with its last price, and does not offer it', () => {
    const gone = catalogueOf({}, ['anthropic/claude-3-haiku']);
    expect(gone.find('anthropic', 'claude-3-haiku')).toMatchObject({
      status: 'deprecated',
      goneSince: '2026-10-01T00:00:00.000Z',
      prices: { input: 3 },
    });
    expect(ids(gone.list('anthropic'))).toEqual([
      'claude-opus-5',
      'claude-sonnet-4-5',
    ]);
  });
});

describe('which models may be used', () => {
  it('are all without lists, also those that nobody knows', () => {
    const catalogue = catalogueOf();
    expect(catalogue.permits('openai', 'gpt-99')).toBe(true);
    expect(ids(catalogue.list('anthropic'))).toEqual([
      'claude-opus-5',
      'claude-sonnet-4-5',
      'claude-3-haiku',
    ]);
    expect(catalogue.list()).toHaveLength(8);
    expect(catalogue.list('nobody')).toEqual([]);
  });

  it.each([
    ['openai', 'gpt-4o', false],
    ['openai', 'GPT-4o', false],
    ['openai', 'gpt-4o-2024-05-13', false],
    ['openai', 'gpt-4o-2031-01-01', false],
    ['openai', 'gpt-5.4', true],
    ['anthropic', 'claude-opus-5', false],
    ['anthropic', 'claude-opus-5@20260724', false],
    ['anthropic', 'claude-sonnet-4-5', true],
    ['local', 'llama3.2', false],
    ['openai', `gpt-${'5'.repeat(300)}`, false],
  ])(
    'are those that are allowed and not denied: %s/%s %s',
    (provider, id, expected) => {
      const catalogue = catalogueOf({
        allow: ['anthropic/*', 'openai/gpt-*'],
        deny: ['gpt-4o', '*-opus-*'],
      });
      expect(catalogue.permits(provider, id)).toBe(expected);
      expect(catalogue.list(provider).some(model => model.id === id)).toBe(
        expected && catalogue.find(provider, id)?.id === id,
      );
    },
  );
});

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

describe('a catalogue', () => {
  it('tells when it has changed, until nobody listens', () => {
    const catalogue = catalogueOf();
    const listener = jest.fn();
    const end = catalogue.onChange(listener);
    const again = () =>
      catalogue.replace(catalogue.document!, {
        origin: 'source',
        asOf: new Date(),
      });
    again();
    end();
    again();
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('says how it is', () => {
    const catalogue = catalogueOf(
      {
        url: 'https://models.example/api.json?token=secret',
        own: [{ provider: 'local', id: 'llama' }],
      },
      ['anthropic/claude-3-haiku'],
    );
    catalogue.note({ problem: { at: new Date(0), message: 'gone' } });
    const status = catalogue.status(new Date('2026-11-20T01:00:00Z'));
    expect(status).toMatchObject({
      origin: 'source',
      url: 'https://models.example/api.json',
      ageSeconds: 3600,
      models: 9,
      priced: 7,
      own: 1,
      gone: 1,
      missingProviders: [],
      problem: { at: '1970-01-01T00:00:00.000Z', message: 'gone' },
    });
    expect(JSON.stringify(status)).not.toContain('secret');
  });

  it('says of which providers the source knows nothing', () => {
    const catalogue = new ModelCatalogue(
      readModelsConfig(
        new ConfigReader({
          aiProxy: {
            providers: { a: { api: 'compat', catalogue: 'antropic' } },
          },
        }),
      ),
    );
    expect(catalogue.status().missingProviders).toEqual(['a']);
  });
});
