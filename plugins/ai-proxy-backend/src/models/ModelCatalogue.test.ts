import { ConfigReader } from '@backstage/config';
import { catalogueOf } from './__testUtils__/catalogueOf';
import { baseModelIds } from './baseModelIds';
import { readModelsConfig } from './config';
import { ModelCatalogue } from './ModelCatalogue';

const ids = (models: readonly { id: string }[]) => models.map(({ id }) => id);

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
    ['anthropic', 'claude-sonnet-4-5-latest', 'claude-sonnet-4-5'],
    ['openai', 'gpt-5.4-2026-03-05', 'gpt-5.4'],
    ['openai', 'gpt-4o-2024-05-13', 'gpt-4o-2024-05-13'],
    ['openai', 'GPT-4o', 'gpt-4o'],
    ['openai', 'GPT-4o-2024-05-13', 'gpt-4o-2024-05-13'],
    ['openai', 'GPT-5.4-LATEST', 'gpt-5.4'],
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
    ['openai', 'GPT-4O-LATEST', false],
    ['openai', 'gpt-4o:Latest', false],
    ['openai', 'gpt-4o-2024-05-13', false],
    ['openai', 'gpt-4o-2031-01-01', false],
    ['openai', 'gpt-4o-latest', false],
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
