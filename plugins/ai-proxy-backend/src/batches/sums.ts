import type { BatchDemand, BatchQuestion } from './ModelBatch';

/** How many different questions are kept to be asked again, and how long they are as JSON. */
const MAX_QUESTIONS = 100;
const MAX_QUESTION_BYTES = 65_536;

/** Sums by model. */
export class Demands {
  readonly #byModel = new Map<string, BatchDemand>();

  add(one: BatchDemand): void {
    const sum = this.#byModel.get(one.model);
    if (!sum) {
      this.#byModel.set(one.model, one);
      return;
    }
    sum.requests += one.requests;
    sum.inputTokens += one.inputTokens;
    sum.outputTokens += one.outputTokens;
    sum.nanoUsd += one.nanoUsd;
  }

  all(): BatchDemand[] {
    return [...this.#byModel.values()];
  }
}

/** Different questions, each with the most input; those that are too many or too long are left out. */
export class Questions {
  readonly #byFacts = new Map<string, BatchQuestion>();
  #bytes = 0;

  add({ asked, inputTokens }: BatchQuestion): void {
    const facts = { ...asked, references: [] };
    const key = JSON.stringify(facts);
    const same = this.#byFacts.get(key);
    if (same) {
      same.inputTokens = Math.max(same.inputTokens, inputTokens);
    } else if (
      this.#byFacts.size < MAX_QUESTIONS &&
      this.#bytes + key.length <= MAX_QUESTION_BYTES
    ) {
      this.#bytes += key.length;
      this.#byFacts.set(key, { asked: facts, inputTokens });
    }
  }

  all(): BatchQuestion[] {
    return [...this.#byFacts.values()];
  }
}
