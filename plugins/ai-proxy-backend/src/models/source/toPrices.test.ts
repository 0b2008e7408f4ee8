import fc from 'fast-check';
import { sourceModel } from '../__testUtils__/sourceModels';
import { sourceModelSchema } from './sourceModel';
import { toPrices } from './toPrices';

const pricesOf = (changes: object) =>
  toPrices(sourceModelSchema.parse(sourceModel('m', changes)));

describe('prices of a model of the source', () => {
  it('are those of its token classes', () => {
    expect(
      pricesOf({
        cost: {
          input: 3,
          output: 15,
          cache_read: 0.3,
          cache_write: 3.75,
          reasoning: 20,
          input_audio: 7,
        },
      }),
    ).toEqual({
      input: 3,
      output: 15,
      cacheRead: 0.3,
      cacheWrite5m: 3.75,
      reasoning: 20,
    });
  });

  it('are null when it has none', () => {
    expect(pricesOf({ cost: undefined })).toBeNull();
  });

  it('are nothing when it is free, unless it is charged by the piece', () => {
    const cost = { input: 0, output: 0 };
    expect(pricesOf({ cost })).toEqual(cost);
    const modalities = { input: ['text'], output: ['text', 'audio'] };
    expect(pricesOf({ cost, modalities })).toBeNull();
  });

  it('rise with size, in ascending order, and what a tier does not say rises along', () => {
    expect(
      pricesOf({
        cost: {
          input: 2,
          output: 10,
          cache_read: 0.2,
          cache_write: 2.5,
          tiers: [
            { input: 8, output: 30, tier: { type: 'context', size: 500_000 } },
            {
              input: 4,
              output: 15,
              cache_read: 0.3,
              tier: { type: 'context', size: 200_000 },
            },
            { input: 1, output: 1, tier: { type: 'weekday', size: 3 } },
          ],
          context_over_200k: { input: 4, output: 15, cache_read: 0.3 },
        },
      })?.tiers,
    ).toEqual([
      {
        aboveInputTokens: 200_000,
        input: 4,
        output: 15,
        cacheRead: 0.3,
        cacheWrite5m: 5,
      },
      {
        aboveInputTokens: 500_000,
        input: 8,
        output: 30,
        cacheRead: 0.8,
        cacheWrite5m: 10,
      },
    ]);
  });

  it('of a tier are those of input where the model costs almost nothing', () => {
    const cost = {
      input: 5e-324,
      output: 1,
      cache_read: 1,
      context_over_200k: { input: 4, output: 15 },
    };
    expect(pricesOf({ cost })?.tiers?.[0]).toMatchObject({ cacheRead: 4 });
  });

  it('rise over 200,000 tokens where no tiers are given', () => {
    expect(
      pricesOf({
        cost: {
          input: 2,
          output: 10,
          context_over_200k: { input: 4, output: 15 },
        },
      })?.tiers,
    ).toEqual([{ aboveInputTokens: 200_000, input: 4, output: 15 }]);
  });

  it('are by service tier as answers name it', () => {
    const cost = { input: 6, output: 30, cache_read: 0.6, cache_write: 7.5 };
    expect(
      Object.keys(
        pricesOf({
          experimental: {
            modes: {
              fast: { cost, provider: { body: { service_tier: 'priority' } } },
              quick: { cost, provider: { body: { speed: 'fast' } } },
              flex: { cost },
              pro: { provider: { body: { reasoning: { mode: 'pro' } } } },
            },
          },
        })!.serviceTiers!,
      ),
    ).toEqual(['priority', 'fast', 'flex']);
  });

  it('are never negative, infinite or not a number', () => {
    const price = fc.double({ min: 0, max: 1000, noNaN: true });
    const prices = {
      input: price,
      output: price,
      cache_read: fc.option(price, { nil: undefined }),
      reasoning: fc.option(price, { nil: undefined }),
    };
    fc.assert(
      fc.property(
        fc.record(prices),
        fc.array(
          fc.record({
            ...prices,
            tier: fc.record({
              type: fc.constant('context'),
              size: fc.nat(1_000_000),
            }),
          }),
          { maxLength: 4 },
        ),
        (cost, tiers) => {
          const read = pricesOf({ cost: { ...cost, tiers } });
          const numbers = [read!, ...(read!.tiers ?? [])].flatMap(
            ({ input, output, cacheRead = 0, reasoning = 0 }) => [
              input,
              output,
              cacheRead,
              reasoning,
            ],
          );
          expect(numbers.every(value => value >= 0 && value <= 100_000)).toBe(
            true,
          );
        },
      ),
    );
  });
});
