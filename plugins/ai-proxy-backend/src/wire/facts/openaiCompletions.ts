import { Fields, limitOf } from '../fields';
import { Facts, NOTHING, written } from './Facts';

/** Completions of before there was chat. */
export function readOpenaiCompletions(body: Fields): Facts {
  return {
    ...NOTHING,
    ...written(
      limitOf(body.max_tokens),
      promptsIn(body.prompt) * (limitOf(body.n, body.best_of) ?? 1),
    ),
  };
}

/** Prompts that are completed at once: texts, or one or more lists of tokens. */
function promptsIn(prompt: unknown): number {
  return Array.isArray(prompt) && typeof prompt[0] !== 'number'
    ? Math.max(1, prompt.length)
    : 1;
}
