import { editDistance } from './editDistance';
import { queryWords, synonymsOf } from './synonyms';
import type { ToolDefinition } from './ToolDefinition';
import { words } from './words';

// The usual constants of BM25.
const K1 = 1.2;
const B = 0.75;

// How much more a word says in a name than in what follows a description's first sentence.
const WEIGHTS = { name: 4, server: 1, gist: 2, rest: 0.25, parameter: 0.5 };
const MAX_PARAMETERS = 50;

// How much a word counts that is not the query's own.
const PREFIX_WEIGHT = 0.8;
const SYNONYM_WEIGHT = 0.8;

const MIN_PREFIX = 4;
const MIN_TYPO = 4;
const MAX_TYPO = 20;
// Whoever mistypes more does not find anything by luck either; looking takes time.
const MAX_CORRECTED = 4;

/** The tools that have a word, in their order, and how much it weighs in each. */
interface Posting {
  tools: number[];
  weights: number[];
}

/**
 * Ranked search (BM25) in names, descriptions and parameters. Words of a query
 * also match as prefixes, by their synonyms, and with a slip of the keyboard.
 * What has more of the words goes before what has one of them often.
 */
export class ToolIndex {
  readonly #tools: ToolDefinition[];
  readonly #postings = new Map<string, Posting>();
  readonly #lengths: number[] = [];
  /** What long definitions lose by their length. */
  readonly #norms: number[];
  readonly #vocabulary: string[];
  /** Of words of queries: how many tools have one of their synonyms. */
  readonly #counts = new Map<string, number>();

  constructor(tools: ToolDefinition[]) {
    this.#tools = tools;
    tools.forEach((tool, index) => this.#add(tool, index));
    const total = this.#lengths.reduce((sum, length) => sum + length, 0);
    const average = total / Math.max(1, tools.length);
    this.#norms = this.#lengths.map(
      length => K1 * (1 - B + (B * length) / average),
    );
    this.#vocabulary = [...this.#postings.keys()].sort();
  }

  /** @returns the best `limit` tools, best first; none that has no word of the query. */
  search(query: string, limit: number, server?: string): ToolDefinition[] {
    const sums = new Float64Array(this.#tools.length);
    const counts = new Uint16Array(this.#tools.length);
    for (const word of this.#spelled(queryWords(query))) {
      this.#scoresOf(word).forEach((score, index) => {
        sums[index] += score;
        counts[index] += score > 0 ? 1 : 0;
      });
    }
    return this.#tools
      .map((tool, index) => ({
        tool,
        index,
        rank: sums[index] * Math.sqrt(counts[index]),
      }))
      .filter(
        ({ tool, rank }) => rank > 0 && (!server || tool.server === server),
      )
      .sort((a, b) => b.rank - a.rank || a.index - b.index)
      .slice(0, limit)
      .map(({ tool }) => tool);
  }

  #add(tool: ToolDefinition, index: number) {
    const { properties } = (tool.inputSchema ?? {}) as { properties?: object };
    const parameters = Object.keys(properties ?? {}).slice(0, MAX_PARAMETERS);
    const description = tool.description ?? '';
    const gistLength = description.search(/[.!?\n](?:\s|$)/) + 1;
    const gist =
      gistLength > 0 ? description.slice(0, gistLength) : description;
    this.#lengths[index] = 0;
    this.#addWords(index, tool.name, WEIGHTS.name);
    this.#addWords(index, tool.server, WEIGHTS.server);
    this.#addWords(index, gist, WEIGHTS.gist);
    this.#addWords(index, description.slice(gist.length), WEIGHTS.rest);
    this.#addWords(index, parameters.join(' '), WEIGHTS.parameter);
  }

  #addWords(index: number, text: string, weight: number) {
    for (const word of words(text)) {
      let posting = this.#postings.get(word);
      if (!posting) {
        posting = { tools: [], weights: [] };
        this.#postings.set(word, posting);
      }
      if (posting.tools.at(-1) === index) {
        posting.weights[posting.weights.length - 1] += weight;
      } else {
        posting.tools.push(index);
        posting.weights.push(weight);
      }
      this.#lengths[index] += weight;
    }
  }

  /** What a word of a query is worth for each tool: its best match counts, not their sum. */
  #scoresOf(word: string): Float64Array {
    const best = new Float64Array(this.#tools.length);
    this.#score(word, 1, this.#countOf([word]), best);
    for (const match of this.#withPrefix(word)) {
      this.#score(match, PREFIX_WEIGHT, this.#countOf([match]), best);
    }
    const synonyms = synonymsOf(word);
    // Words that stand for each other are as rare as all of them together.
    const count = this.#counts.get(word) ?? this.#countOf(synonyms);
    if (synonyms.length > 0) {
      this.#counts.set(word, count);
    }
    for (const match of synonyms) {
      this.#score(match, SYNONYM_WEIGHT, count, best);
    }
    return best;
  }

  #countOf(alike: readonly string[]): number {
    if (alike.length === 1) {
      return this.#postings.get(alike[0])?.tools.length ?? 0;
    }
    const tools = new Set<number>();
    for (const word of alike) {
      this.#postings.get(word)?.tools.forEach(index => tools.add(index));
    }
    return tools.size;
  }

  /** Words that begin with the word, and what it begins with itself. */
  *#withPrefix(word: string): Generator<string> {
    if (word.length < MIN_PREFIX) {
      return;
    }
    let at = lowerBound(this.#vocabulary, word);
    for (; this.#vocabulary[at]?.startsWith(word); at += 1) {
      if (this.#vocabulary[at] !== word) {
        yield this.#vocabulary[at];
      }
    }
    for (let length = word.length - 1; length >= MIN_PREFIX; length -= 1) {
      const prefix = word.slice(0, length);
      if (this.#postings.has(prefix)) {
        yield prefix;
      }
    }
  }

  /** What the words of a query are here: slips are corrected, and `data source` may be `datasource`. */
  #spelled(all: string[]): Set<string> {
    const pairs = all
      .slice(1)
      .map((word, index) => all[index] + word)
      .filter(pair => this.#postings.has(pair));
    const unknown = all.filter(word => !this.#isKnown(word));
    const corrected = unknown
      .slice(0, MAX_CORRECTED)
      .flatMap(word => this.#slips(word));
    return new Set([...all, ...corrected, ...pairs]);
  }

  #isKnown(word: string): boolean {
    return (
      this.#postings.has(word) ||
      synonymsOf(word).length > 0 ||
      !this.#withPrefix(word).next().done
    );
  }

  /** Words with the same first letter that differ in one letter, or in two if they are long. */
  #slips(word: string): string[] {
    if (word.length < MIN_TYPO || word.length > MAX_TYPO) {
      return [];
    }
    const most = word.length < 8 ? 1 : 2;
    const matches: string[] = [];
    let at = lowerBound(this.#vocabulary, word[0]);
    for (; this.#vocabulary[at]?.startsWith(word[0]); at += 1) {
      const other = this.#vocabulary[at];
      if (
        Math.abs(other.length - word.length) <= most &&
        editDistance(word, other) <= most
      ) {
        matches.push(other);
      }
    }
    return matches;
  }

  /** @param count - how many tools have the word, or one like it */
  #score(word: string, weight: number, count: number, best: Float64Array) {
    const posting = this.#postings.get(word);
    if (!posting) {
      return;
    }
    const rarity = Math.log(
      1 + (this.#tools.length - count + 0.5) / (count + 0.5),
    );
    const factor = weight * rarity * (K1 + 1);
    posting.tools.forEach((tool, at) => {
      const frequency = posting.weights[at];
      const score = (factor * frequency) / (frequency + this.#norms[tool]);
      best[tool] = Math.max(best[tool], score);
    });
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
