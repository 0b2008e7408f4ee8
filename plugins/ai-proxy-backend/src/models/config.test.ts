import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigReader } from '@backstage/config';
import { parse } from 'yaml';
import { readModelsConfig } from './config';

const read = (models: object | undefined, providers?: object) =>
  readModelsConfig(
    new ConfigReader({
      aiProxy: {
        ...(models && { models }),
        providers: providers ?? {
          anthropic: { api: 'anthropic' },
          google: { api: 'google-ai-studio' },
          local: { api: 'compat' },
        },
      },
    } as never),
  );

describe('the configuration of models', () => {
  it('has defaults', () => {
    expect(readModelsConfig(new ConfigReader({}))).toMatchObject({
      url: 'https://models.dev/api.json',
      refreshMs: 3_600_000,
      providers: [],
      allow: undefined,
      aliases: [],
      own: [],
    });
  });

  it('knows providers by their API, unless it says otherwise', () => {
    const { providers } = read(undefined, {
      'anthropic-eu': { api: 'anthropic' },
      gemini: { api: 'google-ai-studio' },
      vllm: { api: 'compat' },
      router: { api: 'compat', catalogue: 'openrouter' },
      bedrock: { api: 'anthropic', catalogue: false },
      odd: { api: 'smtp' },
      openai: { models: ['gpt-5*'] },
    });
    expect(providers.map(({ name, catalogue }) => [name, catalogue])).toEqual([
      ['anthropic-eu', 'anthropic'],
      ['gemini', 'google'],
      ['vllm', undefined],
      ['router', 'openrouter'],
      ['bedrock', undefined],
      ['odd', undefined],
      ['openai', 'openai'],
    ]);
  });

  it('can be as the documentation shows it', () => {
    const page = readFileSync(
      resolve(__dirname, '../../../../docs/models.md'),
      'utf8',
    );
    const [, example] = page.match(/```yaml\n(.*?)```/s)!;
    const config = readModelsConfig(new ConfigReader(parse(example)));
    expect(
      config.providers.map(({ name, api, catalogue }) => [
        name,
        api,
        catalogue,
      ]),
    ).toEqual([
      ['anthropic', 'anthropic', 'anthropic'],
      ['router', 'compat', 'openrouter'],
      ['local', 'compat', undefined],
    ]);
    expect(config.aliases[1]).toMatchObject({ id: 'claude-opus-5' });
    expect(config.deny.matches('anthropic', 'claude-preview')).toBe(true);
  });

  it('can switch the source off', () => {
    expect(read({ url: false }).url).toBeUndefined();
  });

  it('takes own models, with what they need not say', () => {
    const { own } = read({
      own: [
        { provider: 'local', id: 'llama3.2' },
        {
          provider: 'local',
          id: 'big',
          capabilities: { reasoning: true },
          prices: {
            input: 1,
            output: 2,
            tiers: [
              { aboveInputTokens: 2, input: 2, output: 2 },
              { aboveInputTokens: 1, input: 2, output: 2 },
            ],
          },
        },
      ],
    });
    expect(own[0]).toMatchObject({
      name: 'llama3.2',
      limits: {},
      capabilities: { toolCalls: true, reasoning: false },
      prices: null,
    });
    expect(own[1].capabilities).toMatchObject({
      toolCalls: true,
      reasoning: true,
    });
    expect(own[1].prices?.tiers?.map(tier => tier.aboveInputTokens)).toEqual([
      1, 2,
    ]);
  });

  it('takes aliases whose names have dots', () => {
    expect(
      read({ aliases: { 'small-1.5': 'local/llama3.2' } }).aliases,
    ).toEqual([{ name: 'small-1.5', provider: 'local', id: 'llama3.2' }]);
  });

  it.each([
    [{ url: 'models.dev' }, 'aiProxy.models.url'],
    [{ url: true }, 'aiProxy.models.url'],
    [{ url: 'ftp://models.dev/api.json' }, 'aiProxy.models.url'],
    [{ url: 'https://me:secret@models.dev/' }, 'aiProxy.models.url'],
    [{ refresh: { seconds: 1 } }, 'aiProxy.models.refresh'],
    [{ allow: ['a//b'] }, 'aiProxy.models.allow[0]'],
    [{ deny: ['fine', ''] }, 'deny[1]'],
    [{ aliases: { a: 7 } }, 'aiProxy.models.aliases.a'],
    [{ aliases: ['a'] }, 'aiProxy.models.aliases'],
    [{ aliases: { a: 'nobody/x' } }, 'aiProxy.models.aliases.a'],
    [
      { own: [{ provider: 'nobody', id: 'x' }] },
      'aiProxy.models.own.0.provider',
    ],
    [{ own: [{ provider: 'local' }] }, 'aiProxy.models.own.0.id'],
    [
      { own: [{ provider: 'local', id: 'x', prices: { input: 1 } }] },
      'aiProxy.models.own.0.prices.output',
    ],
    [
      { own: [{ provider: 'local', id: 'x', price: 1 }] },
      'aiProxy.models.own.0',
    ],
    [
      {
        own: [
          { provider: 'local', id: 'x' },
          { provider: 'local', id: 'x' },
        ],
      },
      'aiProxy.models.own.1',
    ],
  ])('names the key that cannot be used: %j', (models, key) => {
    expect(() => read(models)).toThrow(key);
  });

  it('says the secret of a URL to nobody', () => {
    expect(() => read({ url: 'https://me:secret@models.dev/' })).not.toThrow(
      /secret/,
    );
  });

  it.each([true, '', 7])('refuses %p as the catalogue of a provider', value => {
    expect(() =>
      read(undefined, { p: { api: 'compat', catalogue: value } }),
    ).toThrow('aiProxy.providers.p.catalogue');
  });
});
