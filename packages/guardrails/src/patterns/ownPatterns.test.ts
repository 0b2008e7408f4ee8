import { createGuardrails } from '../engine/createGuardrails';
import { GuardrailsConfigError } from '../engine/GuardrailsConfigError';

describe('own patterns', () => {
  it('find all matches in the original text', () => {
    const guardrails = createGuardrails({
      patterns: [
        {
          id: 'project',
          pattern: '(?:projekt) [a-zäöü]+',
          ignoreCase: true,
          severity: 'high',
        },
      ],
      actions: [{ detector: 'pattern.project', action: 'redact' }],
    });
    const { findings, value } = guardrails.inspectText(
      'Projekt Müller und PROJEKT Öl',
      { direction: 'argument' },
    );
    expect(value).toBe(
      '[redacted: pattern.project] und [redacted: pattern.project]',
    );
    expect(findings).toMatchObject([
      { category: 'pattern', severity: 'high', start: 0, end: 14 },
      { start: 19, end: 29 },
    ]);
  });

  it('with keywords run only on texts that have one', () => {
    const guardrails = createGuardrails({
      patterns: [{ id: 'ticket', pattern: '[A-Z]+-\\d+', keywords: ['Jira'] }],
    });
    const count = (text: string) =>
      guardrails.inspectText(text, { direction: 'result' }).findings.length;
    expect(count('see ABC-12 in JIRA')).toBe(1);
    expect(count('see ABC-12')).toBe(0);
  });

  it('take linear time where a backtracking engine never ends', () => {
    const guardrails = createGuardrails({
      patterns: [{ id: 'evil', pattern: '(?:a+)+b' }],
    });
    const { findings } = guardrails.inspectText('a'.repeat(20_000), {
      direction: 'result',
    });
    expect(findings).toEqual([]);
  });

  it.each([
    ['(?=a)b', /no look-ahead/],
    ['(?<!a)b', /no look-ahead and look-behind/],
    ['(a)\\1', /no back-references/],
    ['(a', /missing closing \)/],
    ['a{1001}', /up to 1000/],
    ['a*', /matches the empty text/],
    ['', /is empty/],
    ['a'.repeat(1001), /1001 characters; the limit is 1000/],
  ])('refuse %p', (pattern, message) => {
    const create = () => createGuardrails({ patterns: [{ id: 'p', pattern }] });
    expect(create).toThrow(GuardrailsConfigError);
    expect(create).toThrow(message);
  });

  it('refuse bad ids, ids used twice, and too many', () => {
    const create = (ids: string[]) => () =>
      createGuardrails({ patterns: ids.map(id => ({ id, pattern: 'x' })) });
    expect(create(['a b'])).toThrow(/patterns\[0\].id/);
    expect(create(['a', 'a'])).toThrow(/used twice/);
    expect(create(Array.from({ length: 201 }, (_, i) => `p${i}`))).toThrow(
      /limit is 200/,
    );
  });
});
