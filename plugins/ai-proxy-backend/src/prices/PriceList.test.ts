import { ConfigReader } from '@backstage/config';
import type { JsonValue } from '@backstage/types';
import type {
  ApiName,
  CatalogueModel,
} from '@prompt-corner/plugin-ai-proxy-common';
import { modelWith } from './__testUtils__/prices';
import { readPriceOverrides } from './config';
import { PriceList } from './PriceList';

const PROVIDERS = ['openai', 'anthropic', 'bedrock'];

const APIS: Record<string, ApiName> = {
  openai: 'openai',
  anthropic: 'anthropic',
  bedrock: 'compat',
};

function read(prices: JsonValue) {
  return readPriceOverrides(
    new ConfigReader({ aiProxy: { prices } }),
    PROVIDERS,
  );
}

function pricesOf(model: CatalogueModel, prices: JsonValue = []) {
  const list = new PriceList(read(prices), provider => APIS[provider]);
  return list.withOverrides(model).prices;
}

const LISTED = {
  input: 4,
  output: 20,
  cacheRead: 0.4,
  tiers: [{ aboveInputTokens: 200_000, input: 8, output: 30 }],
  serviceTiers: { priority: { input: 8, output: 40 } },
};

describe('prices of contracts', () => {
  it('are those of models that the catalogue does not have, where they are whole', () => {
    const list = new PriceList(
      read([
        { models: ['own-*'], input: 1, output: 2 },
        { models: ['half'], input: 1 },
      ]),
      provider => APIS[provider],
    );
    const find = (id: string) =>
      list.find({ provider: 'bedrock', id }, undefined);
    expect(find('own-1')!.prices).toEqual({ input: 1, output: 2 });
    expect(find('own-1')).toBe(find('own-1'));
    expect(find('half')).toBeUndefined();
    expect(find('other')).toBeUndefined();
    const known = modelWith(LISTED);
    expect(list.find(known, known)!.prices).toEqual(LISTED);
  });

  it('are those of the catalogue where no contract says anything', () => {
    expect(pricesOf(modelWith(LISTED))).toEqual(LISTED);
    expect(
      pricesOf(modelWith(LISTED), [{ models: ['gpt-5*'], input: 1 }]),
    ).toEqual(LISTED);
    expect(
      pricesOf(modelWith(LISTED), [
        { provider: 'bedrock', models: ['*'], input: 1 },
      ]),
    ).toEqual(LISTED);
  });

  it('say what tools of the provider cost, whatever else costs as in the catalogue', () => {
    const toolRequests = { webSearch: 10 };
    expect(
      pricesOf(modelWith(LISTED), [{ models: ['*'], toolRequests }]),
    ).toEqual({ ...LISTED, toolRequests });
  });

  it('replace those of the catalogue one by one', () => {
    expect(
      pricesOf(modelWith(LISTED), [
        { models: ['gpt-6-*'], input: 3, output: 15, tiers: [] },
      ]),
    ).toEqual({ ...LISTED, input: 3, output: 15, tiers: [] });
  });

  it('do not ask for capitals', () => {
    expect(
      pricesOf(modelWith(LISTED, { id: 'Llama-4' }), [
        { models: ['lLAMA-*'], input: 3 },
      ]),
    ).toMatchObject({ input: 3 });
  });

  it('take the first that matches', () => {
    expect(
      pricesOf(modelWith(LISTED), [
        { provider: 'anthropic', models: ['*'], input: 1 },
        { provider: 'openai', models: ['gpt-6-sol'], input: 2 },
        { models: ['*'], discountPercent: 50 },
      ]),
    ).toMatchObject({ input: 2, output: 20 });
  });

  it('take a discount off all prices', () => {
    expect(
      pricesOf(modelWith(LISTED), [{ models: ['*'], discountPercent: 25 }]),
    ).toEqual({
      input: 3,
      output: 15,
      cacheRead: expect.closeTo(0.3, 9),
      tiers: [{ aboveInputTokens: 200_000, input: 6, output: 22.5 }],
      serviceTiers: { priority: { input: 6, output: 30 } },
    });
    expect(
      pricesOf(modelWith({ input: 10, output: 20 }), [
        { models: ['*'], discountPercent: -10 },
      ]),
    ).toEqual({ input: expect.closeTo(11, 9), output: 22 });
  });

  it('price a model without prices where they are complete', () => {
    const unpriced = modelWith(null);

    expect(
      pricesOf(unpriced, [{ models: ['*'], input: 1, output: 2 }]),
    ).toEqual({ input: 1, output: 2 });
    expect(pricesOf(unpriced, [{ models: ['*'], input: 1 }])).toBeNull();
    expect(
      pricesOf(unpriced, [{ models: ['*'], discountPercent: 5 }]),
    ).toBeNull();
  });

  it('put tiers in order', () => {
    const tiers = [
      { aboveInputTokens: 500, input: 2, output: 2 },
      { aboveInputTokens: 100, input: 1, output: 1 },
    ];

    expect(
      pricesOf(modelWith(LISTED), [{ models: ['*'], tiers }]),
    ).toMatchObject({
      tiers: [tiers[1], tiers[0]],
    });
  });

  it('give the same object for the same model', () => {
    const list = new PriceList([], () => undefined);
    const model = modelWith(LISTED);

    expect(list.withOverrides(model)).toBe(list.withOverrides(model));
  });

  it.each([
    [[{ models: [], input: 1 }], /aiProxy\.prices\.0\.models/],
    [[{ models: ['*'], input: -1 }], /aiProxy\.prices\.0\.input/],
    [[{ models: ['*'], inputs: 1 }], /aiProxy\.prices\.0: .*inputs/],
    [
      [{ models: ['*'], tiers: [{ input: 1, output: 1 }] }],
      /aiProxy\.prices\.0\.tiers\.0\.aboveInputTokens/,
    ],
    [
      [{ models: ['*'] }],
      /aiProxy\.prices\.0 has to have either prices or discountPercent/,
    ],
    [
      [{ models: ['*'], input: 1, discountPercent: 5 }],
      /either prices or discountPercent/,
    ],
    [
      [{ models: ['*'], discountPercent: 101 }],
      /aiProxy\.prices\.0\.discountPercent/,
    ],
    [
      [
        { models: ['*'], input: 1 },
        { provider: 'azure', models: ['*'], input: 1 },
      ],
      /aiProxy\.prices\.1\.provider is "azure"/,
    ],
    [{ models: ['*'] }, /aiProxy\.prices/],
  ] as Array<[JsonValue, RegExp]>)('cannot be %j', (prices, message) => {
    expect(() => read(prices)).toThrow(message);
  });
});

describe('prices of Claude for writing to its cache', () => {
  const claude = (provider: string, id: string, more: object = {}) =>
    modelWith({ input: 4, output: 20, ...more }, { provider, id });

  it('are 1.25 and 2 times the input at Anthropic', () => {
    expect(pricesOf(claude('anthropic', 'claude-opus-5-5'))).toMatchObject({
      cacheWrite5m: 5,
      cacheWrite1h: 8,
    });
  });

  it('are not added for five minutes elsewhere', () => {
    const prices = pricesOf(claude('bedrock', 'us.anthropic/claude-opus-5-5'));

    expect(prices?.cacheWrite5m).toBeUndefined();
    expect(prices?.cacheWrite1h).toBe(8);
  });

  it('are those that somebody gives', () => {
    const given = { cacheWrite5m: 4.5, cacheWrite1h: 7 };

    expect(
      pricesOf(claude('anthropic', 'claude-opus-5-5', given)),
    ).toMatchObject(given);
  });

  it('follow the input of each tier, and of a contract', () => {
    const model = claude('anthropic', 'claude-opus-5-5', {
      serviceTiers: { fast: { input: 8, output: 40 } },
    });

    expect(
      pricesOf(model, [{ models: ['claude-*'], discountPercent: 50 }]),
    ).toMatchObject({
      cacheWrite1h: 4,
      serviceTiers: { fast: { cacheWrite5m: 5, cacheWrite1h: 8 } },
    });
  });

  it('are nothing of other models', () => {
    expect(
      pricesOf(
        modelWith(
          { input: 4, output: 20 },
          { provider: 'anthropic', id: 'qwen3' },
        ),
      ),
    ).toEqual({ input: 4, output: 20 });
  });
});
