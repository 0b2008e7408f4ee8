import type { ModelPrices } from '@prompt-corner/plugin-ai-proxy-common';
import fc from 'fast-check';
import { tokens } from '../metering/__testUtils__/answers';
import { anyUsage } from './__testUtils__/prices';
import { costOf, costsOf, undiscountedCostOf } from './costOf';

const CLAUDE: ModelPrices = {
  input: 15,
  output: 75,
  cacheRead: 1.5,
  cacheWrite5m: 18.75,
  cacheWrite1h: 30,
  serviceTiers: { fast: { input: 30, output: 150 } },
};

const GPT: ModelPrices = {
  input: 2,
  output: 10,
  cacheRead: 0.2,
  tiers: [
    { aboveInputTokens: 200_000, input: 4, output: 15, cacheRead: 0.4 },
    { aboveInputTokens: 500_000, input: 8, output: 30 },
  ],
  serviceTiers: { flex: { input: 1, output: 5 } },
};

const USD = 1e9;

describe('costOf', () => {
  it.each([
    ['inputTokens', 15],
    ['cacheReadTokens', 1.5],
    ['cacheWrite5mTokens', 18.75],
    ['cacheWrite1hTokens', 30],
    ['outputTokens', 75],
  ] as const)('charges a million of %s by their price', (name, usd) => {
    expect(costOf(tokens({ [name]: 1e6 }), CLAUDE)).toBe(usd * USD);
  });

  it('charges what tools of the provider cost, where that is known', () => {
    const prices = { ...CLAUDE, toolRequests: { webSearch: 10 } };
    const toolRequests = { webSearch: 3, webFetch: 2 };
    expect(costOf(tokens({}), prices, { toolRequests })).toBe(0.03 * USD);
    expect(
      costOf(tokens({ outputTokens: 1e6 }), prices, { toolRequests }),
    ).toBe(75.03 * USD);
    expect(costOf(tokens({}), CLAUDE, { toolRequests })).toBe(0);
  });

  it('adds the classes up', () => {
    const usage = tokens({
      inputTokens: 12,
      cacheReadTokens: 20_480,
      cacheWrite5mTokens: 100,
      cacheWrite1hTokens: 3_000,
      outputTokens: 141,
      reasoningTokens: 21,
    });

    // 0.00018 + 0.03072 + 0.001875 + 0.09 + 0.010575 dollars
    expect(costOf(usage, CLAUDE)).toBe(133_350_000);
  });

  it('charges reasoning as output, unless it has a price', () => {
    const usage = tokens({ outputTokens: 1_000, reasoningTokens: 600 });

    expect(costOf(usage, { input: 1, output: 2 })).toBe(2_000_000);
    expect(costOf(usage, { input: 1, output: 2, reasoning: 3 })).toBe(
      2_600_000,
    );
  });

  it.each([
    [{}, 1, 1, 1],
    [{ cacheRead: 0.1 }, 0.1, 1, 1],
    [{ cacheWrite5m: 1.25 }, 1, 1.25, 1.25],
    [{ cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 2 }, 0, 0, 2],
  ])(
    'given %j, charges what the class costs to which a class belongs',
    (some, read, for5m, for1h) => {
      const prices = { input: 1, output: 2, ...some };

      expect(costOf(tokens({ cacheReadTokens: 1e6 }), prices)).toBe(read * USD);
      expect(costOf(tokens({ cacheWrite5mTokens: 1e6 }), prices)).toBe(
        for5m * USD,
      );
      expect(costOf(tokens({ cacheWrite1hTokens: 1e6 }), prices)).toBe(
        for1h * USD,
      );
    },
  );

  it.each([
    [200_000, 0, 0.4],
    [200_001, 0, 0.800_004],
    [1, 200_000, 0.080_004],
    [500_000, 0, 2],
    [500_001, 0, 4.000_008],
    // A tier without a price for reading charges it as input.
    [0, 600_000, 4.8],
  ])(
    'chooses the tier by the whole input: %d and %d cached',
    (inputTokens, cacheReadTokens, usd) => {
      expect(costOf(tokens({ inputTokens, cacheReadTokens }), GPT)).toBe(
        Math.round(usd * USD),
      );
    },
  );

  it.each([
    [{ inputTokens: 200_000, outputTokens: 1_000 }, 0.205],
    [{ inputTokens: 200_001, outputTokens: 1_000 }, 0.407_502],
    [{ inputTokens: 600_000, outputTokens: 1_000 }, 2.415],
    [{ cacheReadTokens: 600_000 }, 0.24],
    [{ cacheWrite5mTokens: 600_000 }, 2.4],
    [{ inputTokens: 600_000, outputTokens: 500, reasoningTokens: 500 }, 2.4105],
  ])(
    'raises the price of a service tier for large inputs as usual ones rise: %j',
    (some, usd) => {
      const flex = { input: 1, output: 5, cacheRead: 0.1, reasoning: 7 };
      const prices = { ...GPT, serviceTiers: { flex } };
      expect(costOf(tokens(some), prices, { serviceTier: 'flex' })).toBe(
        Math.round(usd * USD),
      );
    },
  );

  it('charges a service tier as it is where the usual price for small inputs is nothing', () => {
    const prices = { ...GPT, input: 0 };
    expect(
      costOf(tokens({ inputTokens: 300_000 }), prices, { serviceTier: 'flex' }),
    ).toBe(0.3 * USD);
  });

  it('charges the service tier that has prices, and any other as usual', () => {
    const usage = tokens({ inputTokens: 300_000 });

    expect(costOf(usage, GPT, { serviceTier: 'flex' })).toBe(0.6 * USD);
    expect(costOf(usage, GPT, { serviceTier: 'default' })).toBe(1.2 * USD);
    expect(costOf(usage, GPT, { serviceTier: 'constructor' })).toBe(1.2 * USD);
    expect(costOf(usage, CLAUDE, { serviceTier: 'fast' })).toBe(9 * USD);
  });

  it('rounds once, at the end, half up', () => {
    const prices = { input: 0.0375, output: 0.0375 };

    expect(costOf(tokens({ inputTokens: 1 }), prices)).toBe(38);
    expect(costOf(tokens({ inputTokens: 1, outputTokens: 1 }), prices)).toBe(
      75,
    );
  });

  it('is exact', () => {
    const price = fc.nat(600_000_000).map(millionths => millionths / 1e6);
    fc.assert(
      fc.property(
        anyUsage,
        price,
        price,
        price,
        (usage, input, output, read) => {
          const units = (value: number) => BigInt(Math.round(value * 1e6));
          const exact =
            BigInt(
              usage.inputTokens +
                usage.cacheWrite5mTokens +
                usage.cacheWrite1hTokens,
            ) *
              units(input) +
            BigInt(usage.cacheReadTokens) * units(read) +
            BigInt(usage.outputTokens) * units(output);
          const rounded = Number((exact + 500n) / 1_000n);

          const cost = costOf(usage, { input, output, cacheRead: read });

          // Above 100 dollars a half may go either way.
          expect(Math.abs(cost - rounded)).toBeLessThanOrEqual(
            rounded < 100 * USD ? 0 : 1,
          );
        },
      ),
    );
  });
});

describe('undiscountedCostOf', () => {
  it('is the cost without any cache, in the same tier', () => {
    const usage = tokens({
      inputTokens: 100,
      cacheReadTokens: 200_000,
      cacheWrite5mTokens: 300,
      cacheWrite1hTokens: 600,
      outputTokens: 1_000,
    });

    expect(undiscountedCostOf(usage, GPT)).toBe(201_000 * 4_000 + 15_000_000);
    expect(undiscountedCostOf(usage, CLAUDE)).toBe(
      201_000 * 15_000 + 75_000_000,
    );
  });

  it('equals the cost where nothing was cached', () => {
    fc.assert(
      fc.property(anyUsage, usage => {
        const plain = {
          ...usage,
          cacheReadTokens: 0,
          cacheWrite5mTokens: 0,
          cacheWrite1hTokens: 0,
        };

        expect(undiscountedCostOf(plain, GPT)).toBe(costOf(plain, GPT));
      }),
    );
  });
});

describe('costsOf', () => {
  it('is null where nobody knows the prices', () => {
    const unknown = { costNanoUsd: null, undiscountedNanoUsd: null };

    expect(costsOf(tokens({ inputTokens: 5 }), null)).toEqual(unknown);
    expect(costsOf(tokens({ inputTokens: 5 }), undefined)).toEqual(unknown);
  });

  it('is both costs where somebody does', () => {
    expect(costsOf(tokens({ cacheReadTokens: 10 }), GPT)).toEqual({
      costNanoUsd: 2_000,
      undiscountedNanoUsd: 20_000,
    });
  });
});
