import { createGuardrails } from '../engine/createGuardrails';

describe('topics', () => {
  const denying = createGuardrails({
    topics: [
      {
        id: 'salaries',
        rule: 'deny',
        words: ['salary', 'pay grade', 'Gehälter', '工资'],
        patterns: ['bonus of \\d+'],
      },
    ],
  });
  const denied = (text: string) =>
    denying.inspectText(text, { direction: 'argument' }).action === 'block';

  it('are denied by whole words, whatever case, accents and script', () => {
    expect(denied('What is her SALARY?')).toBe(true);
    expect(denied('her pay grade, please')).toBe(true);
    expect(denied('Liste der Gehalter')).toBe(true);
    expect(denied('他的工资是多少')).toBe(true);
    expect(denied('a Bonus of 12')).toBe(true);
    expect(denied('salaryman is a film')).toBe(false);
    expect(denied('the cluster is down')).toBe(false);
  });

  it('that are allowed must be spoken of somewhere in an argument, and only there', () => {
    const allowing = createGuardrails({
      topics: [{ id: 'ops', rule: 'allow', words: ['cluster', 'deploy'] }],
    });
    const inspect = (value: unknown, direction: 'argument' | 'result') =>
      allowing
        .inspectJson(value, { direction })
        .findings.map(({ detector }) => detector);
    const offTopic = { messages: [{ text: 'Write me a poem' }] };
    expect(inspect(offTopic, 'argument')).toEqual(['topic.other']);
    expect(inspect(offTopic, 'result')).toEqual([]);
    // What belongs to an argument need not speak of it again.
    expect(
      allowing.inspectText('Yes', { direction: 'argument', isPart: true })
        .findings,
    ).toEqual([]);
    expect(
      inspect(
        { messages: [{ text: 'Hello' }, { text: 'Deploy it' }] },
        'argument',
      ),
    ).toEqual([]);
  });

  it.each([
    [{ id: 'x', rule: 'deny' }, /neither words nor patterns/],
    [{ id: 'x', rule: 'maybe', words: ['a'] }, /Write deny or allow/],
    [{ id: 'other', rule: 'deny', words: ['a'] }, /used twice/],
    [{ id: 'x', rule: 'deny', words: [' '] }, /has the word/],
    [{ id: 'x', rule: 'deny', patterns: ['(?=a)'] }, /no look-ahead/],
  ])('refuse %j', (topic, message) => {
    expect(() => createGuardrails({ topics: [topic as never] })).toThrow(
      message,
    );
  });
});
