import { InputError } from '@backstage/errors';

/** Longer names than any model has. */
const LONGEST_PATTERN = 300;

interface Pattern {
  /** In small letters, without the rest below. */
  segments: string[];
  /** Whether any further segments may follow, at least one. */
  open: boolean;
}

/**
 * Patterns for models, such as `anthropic/claude-*`.
 *
 * - `provider/model`: the provider as the configuration names it. Models whose own
 *   id has slashes have as many more: `openrouter/openai/gpt-*`.
 * - `model` alone: of every provider. Ids with slashes are not meant by it.
 * - `*` stands for anything within one segment, even nothing; it does not cross `/`.
 * - `**` as the last segment stands for all that follows: `openrouter/**`.
 *
 * Capitals do not matter. Time is bounded by the product of the lengths, whoever
 * chose the id.
 */
export class ModelPatterns {
  readonly #patterns: Pattern[];

  /**
   * @param patterns - as an administrator writes them
   * @param key - of the configuration, for messages
   * @throws InputError naming the pattern that is none
   */
  constructor(patterns: readonly string[], key: string) {
    this.#patterns = patterns.map((pattern, index) =>
      readPattern(pattern, `${key}[${index}]`),
    );
  }

  /** Whether any of the patterns means this model. */
  matches(provider: string, id: string): boolean {
    if (this.#patterns.length === 0) {
      return false;
    }
    const model = id.toLowerCase().split('/');
    const full = [provider.toLowerCase(), ...model];
    return this.#patterns.some(pattern =>
      matchesSegments(pattern, isModelAlone(pattern) ? model : full),
    );
  }
}

function readPattern(pattern: string, key: string): Pattern {
  const segments = pattern.toLowerCase().split('/');
  const open = segments.length > 1 && segments.at(-1) === '**';
  if (open) {
    segments.pop();
  }
  const isWrong = (segment: string) =>
    segment === '' || segment.includes('**') || /\s/.test(segment);
  if (pattern.length > LONGEST_PATTERN || segments.some(isWrong)) {
    throw new InputError(
      `${key} is "${pattern}"; expected provider/model or model, with * for anything but a slash, and ** as the last part only`,
    );
  }
  return { segments, open };
}

function isModelAlone({ segments, open }: Pattern): boolean {
  return segments.length === 1 && !open;
}

function matchesSegments(pattern: Pattern, text: string[]): boolean {
  const { segments, open } = pattern;
  const fits = open
    ? text.length > segments.length
    : text.length === segments.length;
  return (
    fits && segments.every((segment, index) => matches(segment, text[index]))
  );
}

/** Never goes back further than to the last `*`, so that no id makes it slow. */
function matches(pattern: string, text: string): boolean {
  let at = 0;
  let afterStar = -1;
  let starred = 0;
  let index = 0;
  while (index < text.length) {
    if (pattern[at] === '*') {
      at += 1;
      afterStar = at;
      starred = index;
    } else if (at < pattern.length && pattern[at] === text[index]) {
      at += 1;
      index += 1;
    } else if (afterStar >= 0) {
      starred += 1;
      index = starred;
      at = afterStar;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') {
    at += 1;
  }
  return at === pattern.length;
}
