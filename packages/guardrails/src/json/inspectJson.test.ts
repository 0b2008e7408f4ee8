import fc from 'fast-check';
import { createGuardrails } from '../engine/createGuardrails';

const TOKEN = ['ghp', 'a8Fk3LmQ9xZ2bV7cN4pR6tY1wE5uI0oJhGdS'].join('_');
const REDACTED = '[redacted: secret.github-token]';

describe('inspectJson', () => {
  const guardrails = createGuardrails();
  const inspect = (value: unknown) =>
    guardrails.inspectJson(value, { direction: 'result' });

  it('finds secrets in values and keys, with pointers, and never changes its input', () => {
    const input = {
      list: ['x', { 'a/b~c': TOKEN }],
      [TOKEN]: 1,
      untouched: { deep: true },
    };
    const before = structuredClone(input);
    const { findings, value } = inspect(input);
    expect(input).toEqual(before);
    expect(value).toEqual({
      list: ['x', { 'a/b~c': REDACTED }],
      [REDACTED]: 1,
      untouched: { deep: true },
    });
    expect((value as typeof input).untouched).toBe(input.untouched);
    expect(
      findings.map(({ pointer, inKey }) => [pointer, inKey ?? false]),
    ).toEqual([
      ['/list/1/a~1b~0c', false],
      [`/${TOKEN}`, true],
    ]);
  });

  it('keeps every property when redacted keys become equal', () => {
    const other = TOKEN.replace('a8Fk', 'b9Gm');
    const { value } = inspect({ [TOKEN]: 1, [other]: 2, [REDACTED]: 3 });
    expect(value).toEqual({
      [`${REDACTED} (2)`]: 1,
      [`${REDACTED} (3)`]: 2,
      [REDACTED]: 3,
    });
  });

  it('copies a key __proto__ as a key', () => {
    const input = JSON.parse(`{"__proto__": {"token": "${TOKEN}"}}`);
    const { value } = inspect(input);
    expect(JSON.stringify(value)).toBe(`{"__proto__":{"token":"${REDACTED}"}}`);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('takes the name of a property for what its value is', () => {
    const ids = (value: unknown) =>
      inspect(value).findings.map(({ detector }) => detector);
    expect(ids({ password: 'kJ8s!dk39sl2' })).toEqual(['secret.assignment']);
    expect(ids({ colour: 'kJ8s!dk39sl2' })).toEqual([]);
    expect(ids({ ssn: 536221234 })).toEqual(['personal.us-ssn']);
    expect(ids({ count: 536221234 })).toEqual([]);
    expect(ids({ passwords: [], password: ['kJ8s!dk39sl2'] })).toEqual([
      'secret.assignment',
    ]);
  });

  it('finds card numbers that are numbers, and puts text in their place', () => {
    const strict = createGuardrails({
      actions: [{ category: 'personal-data', action: 'redact' }],
    });
    expect(
      strict.inspectJson({ card: 4111111111111111 }, { direction: 'result' })
        .value,
    ).toEqual({ card: '[redacted: personal.payment-card]' });
  });

  it('finds what JSON escapes hide in a text that is JSON', () => {
    const escaped = `{"t":"\\u0067hp_${TOKEN.slice(4)}","u":"a\\n${TOKEN}"}`;
    const { value } = guardrails.inspectText(escaped, { direction: 'result' });
    expect(JSON.parse(value)).toEqual({ t: REDACTED, u: `a\n${REDACTED}` });
  });

  it('survives JSON that is nested far too deep', () => {
    const deep = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
    const { action, findings } = inspect(deep);
    expect(action).toBe('block');
    expect(findings).toMatchObject([{ detector: 'limit.depth' }]);
  });

  it('gives back any harmless JSON as the same reference', () => {
    const strings = fc.stringMatching(/^[a-z ]{0,20}$/);
    const json = fc.jsonValue({ maxDepth: 4, stringUnit: 'grapheme-ascii' });
    fc.assert(
      fc.property(fc.dictionary(strings, strings), object => {
        expect(inspect(object).value).toBe(object);
      }),
    );
    fc.assert(
      fc.property(json, value => {
        const { findings, value: copy } = inspect(value);
        const changed = findings.some(({ action }) => action !== 'flag');
        expect(Object.is(copy, value)).toBe(!changed);
      }),
    );
  });
});
