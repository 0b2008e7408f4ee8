import { AREAS, TOPICS } from '../../organisation/words';
import { createRandom, Random } from '../../organisation/random';

/** Tools that are called, by how much they answer. */
export const CALLED_TOOLS = {
  small: 'get_issue',
  large: 'list_issues',
} as const;

/** How much is answered: about 1 kB, or about 20 kB. */
export type AnswerSize = keyof typeof CALLED_TOOLS;

/** Both sizes. */
export const ANSWER_SIZES: AnswerSize[] = ['small', 'large'];

/** How many different answers there are of each size, so that no cache has them all by chance. */
export const ANSWERS = 100;

const ISSUES_IN_LARGE = 21;

/**
 * What a tool answers: issues of an invented tracker as JSON. Equal numbers give
 * equal texts.
 *
 * @param number - of the answer
 */
export function answerOf(size: AnswerSize, number: number): string {
  const random = createRandom(`answer ${number % ANSWERS}`);
  return JSON.stringify(
    size === 'small'
      ? createIssue(random)
      : {
          total: 1_000 + number,
          issues: Array.from({ length: ISSUES_IN_LARGE }, () =>
            createIssue(random),
          ),
        },
  );
}

function createIssue(random: Random) {
  const { name: area } = random.pick(AREAS);
  const number = random.integer(1, 9_999);
  const sentence = () => `${random.pick(TOPICS).purpose}.`;
  return {
    id: `${area}-${number}`,
    title: sentence(),
    state: random.pick(['open', 'in progress', 'closed']),
    description: [sentence(), sentence(), sentence()].join(' '),
    labels: random.sample(['bug', 'regression', 'cleanup', area], 2),
    assignee: `${area}-on-call`,
    created: new Date(1.75e12 + random.integer(0, 3e10)).toISOString(),
    commit: createHex(random, 40),
    url: `https://tracker.meridian.example/${area}/issues/${number}`,
    comments: Array.from({ length: 3 }, () => ({
      author: `${random.pick(AREAS).name}-lead`,
      text: [sentence(), sentence()].join(' '),
    })),
  };
}

function createHex(random: Random, length: number): string {
  return Array.from({ length }, () => random.integer(0, 15).toString(16)).join(
    '',
  );
}
