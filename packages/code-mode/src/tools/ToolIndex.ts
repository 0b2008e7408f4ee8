import type { ToolDefinition } from './ToolDefinition';
import { words } from './words';

// The usual constants of BM25.
const K1 = 1.2;
const B = 0.75;

// How much more a word says in a name than in a description.
const WEIGHTS = { name: 4, server: 2, description: 1, parameter: 0.5 };
const PREFIX_WEIGHT = 0.6;
const MAX_PARAMETERS = 50;

/** Ranked search (BM25) in names, descriptions and parameters; words of a query also match as prefixes. */
export class ToolIndex {
  readonly #tools: ToolDefinition[];
  /** Weight of each word for each tool. */
  readonly #postings = new Map<string, Map<number, number>>();
  readonly #lengths: number[] = [];
  readonly #averageLength: number;
  readonly #vocabulary: string[];

  constructor(tools: ToolDefinition[]) {
    this.#tools = tools;
    tools.forEach((tool, index) => this.#add(tool, index));
    const total = this.#lengths.reduce((sum, length) => sum + length, 0);
    this.#averageLength = total / Math.max(1, tools.length);
    this.#vocabulary = [...this.#postings.keys()].sort();
  }

  /** @returns the best `limit` tools, best first; none that has no word of the query. */
  search(query: string, limit: number, server?: string): ToolDefinition[] {
    const scores = new Map<number, number>();
    for (const word of new Set(words(query))) {
      for (const [match, weight] of this.#matches(word)) {
        this.#score(match, weight, scores);
      }
    }
    return [...scores]
      .filter(([index]) => !server || this.#tools[index].server === server)
      .sort(([a, scoreA], [b, scoreB]) => scoreB - scoreA || a - b)
      .slice(0, limit)
      .map(([index]) => this.#tools[index]);
  }

  #add(tool: ToolDefinition, index: number) {
    const { properties } = (tool.inputSchema ?? {}) as { properties?: object };
    const parameters = Object.keys(properties ?? {}).slice(0, MAX_PARAMETERS);
    this.#lengths[index] = 0;
    this.#addWords(index, tool.name, WEIGHTS.name);
    this.#addWords(index, tool.server, WEIGHTS.server);
    this.#addWords(index, tool.description ?? '', WEIGHTS.description);
    this.#addWords(index, parameters.join(' '), WEIGHTS.parameter);
  }

  #addWords(index: number, text: string, weight: number) {
    for (const word of words(text)) {
      let posting = this.#postings.get(word);
      if (!posting) {
        posting = new Map();
        this.#postings.set(word, posting);
      }
      posting.set(index, (posting.get(index) ?? 0) + weight);
      this.#lengths[index] += weight;
    }
  }

  /** The word itself, and words that begin with it, or it with them. */
  *#matches(word: string): Generator<[string, number]> {
    if (this.#postings.has(word)) {
      yield [word, 1];
    }
    if (word.length < 3) {
      return;
    }
    let at = lowerBound(this.#vocabulary, word);
    for (; this.#vocabulary[at]?.startsWith(word); at += 1) {
      if (this.#vocabulary[at] !== word) {
        yield [this.#vocabulary[at], PREFIX_WEIGHT];
      }
    }
    for (let length = word.length - 1; length >= 4; length -= 1) {
      const prefix = word.slice(0, length);
      if (this.#postings.has(prefix)) {
        yield [prefix, PREFIX_WEIGHT];
      }
    }
  }

  #score(word: string, weight: number, scores: Map<number, number>) {
    const posting = this.#postings.get(word);
    if (!posting) {
      return;
    }
    const rarity = Math.log(
      1 + (this.#tools.length - posting.size + 0.5) / (posting.size + 0.5),
    );
    for (const [index, frequency] of posting) {
      const norm =
        K1 * (1 - B + (B * this.#lengths[index]) / this.#averageLength);
      const score = (rarity * frequency * (K1 + 1)) / (frequency + norm);
      scores.set(index, (scores.get(index) ?? 0) + weight * score);
    }
  }
}

function lowerBound(sorted: string[], word: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (sorted[middle] < word) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
