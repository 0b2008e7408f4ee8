import type { CodeMode, ToolDefinition } from '@prompt-corner/code-mode';
import type { Question } from './Question';

/** So few that they take little of the CPU time that a search has. */
const QUESTIONS_AT_ONCE = 50;

const DEPTH = 10;

/** Which tools a question found, best first. */
export interface Answer {
  question: Question;
  found: string[];
  /** Place of the first acceptable tool, from 1; Infinity if none was found. */
  place: number;
}

/** How often a right tool is among the first. */
export interface Score {
  questions: number;
  at1: number;
  at5: number;
  at10: number;
}

/** Asks `codemode.search`, from code as a model writes it. */
export async function askQuestions(
  codeMode: CodeMode,
  tools: ToolDefinition[],
  questions: Question[],
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let at = 0; at < questions.length; at += QUESTIONS_AT_ONCE) {
    const some = questions.slice(at, at + QUESTIONS_AT_ONCE);
    const texts = JSON.stringify(some.map(({ text }) => text));
    const { value, error, cut } = await codeMode.search({
      code: `const found = [];
for (const text of ${texts}) {
  found.push((await codemode.search(text, { limit: ${DEPTH} })).map(({ name }) => name));
}
return found;`,
      tools,
      principal: 'ada',
    });
    if (!Array.isArray(value) || cut) {
      throw new Error(`The search failed: ${error?.message ?? 'cut'}`);
    }
    some.forEach((question, index) => {
      const found: string[] = value[index];
      const place = found.findIndex(name => question.tools.includes(name));
      answers.push({
        question,
        found,
        place: place < 0 ? Infinity : place + 1,
      });
    });
  }
  return answers;
}

/** Counts how many answers have a right tool among their first 1, 5 and 10. */
export function scoreAnswers(answers: Answer[]): Score {
  const within = (count: number) =>
    answers.filter(({ place }) => place <= count).length;
  return {
    questions: answers.length,
    at1: within(1),
    at5: within(5),
    at10: within(10),
  };
}
