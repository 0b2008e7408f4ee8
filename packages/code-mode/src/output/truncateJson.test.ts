import fc from 'fast-check';
import { jsonDepth } from './jsonDepth';
import { MAX_JSON_DEPTH, truncateJson } from './truncateJson';

describe('truncateJson', () => {
  it('leaves alone what fits', () => {
    fc.assert(
      fc.property(fc.json(), json => {
        expect(truncateJson(json, 1_000_000)).toEqual({ json });
      }),
    );
  });

  it('always gives valid JSON that fits, and says that something was cut', () => {
    const { value } = fc.letrec(tie => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string({ maxLength: 3000 }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.array(tie('value'), { maxLength: 60 }),
        fc.dictionary(fc.string({ maxLength: 300 }), tie('value'), {
          maxKeys: 60,
        }),
      ),
    }));
    fc.assert(
      fc.property(value, fc.integer({ min: 200, max: 2000 }), (any, max) => {
        const json = JSON.stringify(any);
        const result = truncateJson(json, max);
        expect(result.json.length).toBeLessThanOrEqual(max);
        JSON.parse(result.json);
        expect(result.cut).toBe(json.length > max ? json.length : undefined);
        expect(result.json.includes('[cut')).toBe(json.length > max);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps small properties whole beside one that is long', () => {
    const { json } = truncateJson(
      JSON.stringify({ log: 'x'.repeat(5000), status: 'ok', ids: [1, 2, 3] }),
      500,
    );
    const value = JSON.parse(json);
    expect(value).toMatchObject({ status: 'ok', ids: [1, 2, 3] });
    expect(value.log).toMatch(/^x{100,}… \[cut: \d+ of 5000 characters\]$/);
    expect(Object.keys(value)).toEqual(['log', 'status', 'ids']);
  });

  it('uses most of the room that it has', () => {
    const rows = Array.from({ length: 2000 }, (_, id) => ({
      id,
      name: `n${id}`,
    }));
    expect(
      truncateJson(JSON.stringify(rows), 24_000).json.length,
    ).toBeGreaterThan(15_000);
  });

  it('cuts what is nested too deep', () => {
    const json = '['.repeat(5000) + ']'.repeat(5000);
    const result = truncateJson(json, 24_000);
    expect(jsonDepth(result.json)).toBeLessThanOrEqual(MAX_JSON_DEPTH);
    expect(result.cut).toBe(10_000);
  });
});
