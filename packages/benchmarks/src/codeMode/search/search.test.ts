import { createCodeMode } from '@prompt-corner/code-mode';
import type { CodeMode } from '@prompt-corner/code-mode';
import { readRecording } from '../../realTools/RecordedServer';
import { MIN_AT_5 } from '../budgets';
import { QUESTIONS } from './questions';
import { askQuestions, scoreAnswers } from './scoreSearch';
import type { Answer } from './scoreSearch';
import { searchedTools } from './searchedTools';

describe('codemode.search in the tools of real servers', () => {
  const tools = searchedTools(readRecording());
  let codeMode: CodeMode;
  let answers: Answer[];

  beforeAll(async () => {
    codeMode = createCodeMode({
      limits: { outputCharacters: 100_000, cpuMs: 60_000 },
    });
    answers = await askQuestions(codeMode, tools, QUESTIONS);
  }, 60_000);

  afterAll(() => codeMode.close());

  it('is asked enough questions, each with an answer that exists', () => {
    const names = tools.map(({ name }) => name);
    expect(tools.length).toBeGreaterThanOrEqual(180);
    expect(QUESTIONS.length).toBeGreaterThanOrEqual(60);
    for (const question of QUESTIONS) {
      expect(names).toEqual(expect.arrayContaining(question.tools));
    }
    const heldOut = QUESTIONS.filter(({ isHeldOut }) => isHeldOut);
    expect(heldOut.length).toBeGreaterThanOrEqual(QUESTIONS.length / 3);
  });

  it.each([
    ['known', false],
    ['held-out', true],
  ])('finds a right tool among the first 5: %s questions', (title, heldOut) => {
    const asked = answers.filter(
      ({ question }) => question.isHeldOut === heldOut,
    );
    const { questions, at1, at5, at10 } = scoreAnswers(asked);
    const missed = asked
      .filter(({ place }) => place > 5)
      .map(({ question, found }) => `${question.text}: ${found.slice(0, 5)}`);
    process.stdout.write(
      `${title}: ${at1} first, ${at5} in 5, ${at10} in 10, of ${questions}\n${missed
        .map(line => `  ${line}\n`)
        .join('')}`,
    );
    expect(at5 / questions).toBeGreaterThanOrEqual(MIN_AT_5);
  });

  it('answers the same way each time', async () => {
    const again = await askQuestions(codeMode, tools, QUESTIONS);
    expect(again.map(({ found }) => found)).toEqual(
      answers.map(({ found }) => found),
    );
  });
});
