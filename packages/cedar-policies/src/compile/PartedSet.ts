import { LRUCache } from 'lru-cache';
import type { PolicyLanguage } from '../PolicyLanguage';
import type { PolicyVocabulary } from '../PolicyVocabulary';
import type { LocalTime } from '../requests';
import { CedarSet, type CedarAnswer } from './CedarSet';
import { textsOf } from './checkPolicies';
import type { Policy } from './parsePolicies';
import { readsOf, type PolicyReads } from '../reads';

/** Characters of all requests whose answers are remembered. */
const MAX_REMEMBERED = 8_000_000;

/** A longer request has something in it that hardly comes again. */
const MAX_REQUEST = 4_000;

/** Of an answer, beside its request. */
const ANSWER_SIZE = 200;

const NO_ANSWER: CedarAnswer = { decision: 'deny', reasons: [], errors: [] };

interface Part {
  set: CedarSet;
  reads: PolicyReads;
}

/**
 * A set of policies that decides in two parts: those to which each moment is
 * another, and the others. These answer the same whenever they are asked the
 * same, and asking Cedar costs far more than looking it up (650 us of a call that
 * took 5 ms, with 20 policies, November 2026).
 */
export class PartedSet<Question> {
  readonly #lasting: Part | undefined;
  readonly #passing: Part | undefined;
  readonly #language: PolicyLanguage<Question>;
  readonly #localTime: LocalTime;
  readonly #answers = new LRUCache<string, CedarAnswer>({
    maxSize: MAX_REMEMBERED,
    maxEntrySize: MAX_REQUEST + ANSWER_SIZE,
    sizeCalculation: (_, request) => request.length + ANSWER_SIZE,
  });

  /** @throws Error when Cedar cannot parse them */
  constructor(
    policies: Policy[],
    options: { language: PolicyLanguage<Question>; localTime: LocalTime },
  ) {
    const { language } = options;
    const passing = policies.filter(({ json }) =>
      isPassing(readsOf([json], language)),
    );
    const lasting = policies.filter(one => !passing.includes(one));
    this.#passing = partOf(passing, language);
    this.#lasting = partOf(lasting, language);
    this.#language = language;
    this.#localTime = options.localTime;
  }

  /** @throws Error when Cedar cannot read the request; nothing is decided then */
  decide(question: Question): CedarAnswer {
    const requestTo = ({ reads }: Part) =>
      this.#language.toRequest(question, { reads, localTime: this.#localTime });
    const lasting = this.#lasting;
    const passing = this.#passing;
    return together(
      lasting ? this.#remembered(lasting.set, requestTo(lasting)) : NO_ANSWER,
      passing ? passing.set.decide(requestTo(passing)) : NO_ANSWER,
    );
  }

  /** Frees the memory that it takes. It cannot decide any more. */
  release(): void {
    this.#lasting?.set.release();
    this.#passing?.set.release();
    this.#answers.clear();
  }

  #remembered(
    set: CedarSet,
    request: Parameters<CedarSet['decide']>[0],
  ): CedarAnswer {
    const key = JSON.stringify(request);
    let answer = this.#answers.get(key);
    if (!answer) {
      answer = set.decide(request);
      this.#answers.set(key, answer);
    }
    return answer;
  }
}

/** Whether what it reads is another at each moment. */
function isPassing({ moments, age }: PolicyReads): boolean {
  return age || !moments;
}

function partOf(
  policies: Policy[],
  vocabulary: PolicyVocabulary,
): Part | undefined {
  return policies.length > 0
    ? {
        set: new CedarSet(textsOf(policies)),
        reads: readsOf(
          policies.map(({ json }) => json),
          vocabulary,
        ),
      }
    : undefined;
}

/**
 * What Cedar would say of both parts in one set: a forbid of either denies, and
 * is named; a permit counts where nothing is forbidden. Cedar names permits of a
 * part only when no forbid of that part applies, and then they make no difference.
 */
function together(one: CedarAnswer, other: CedarAnswer): CedarAnswer {
  const both = [one, other];
  const forbidding = both.filter(
    ({ decision, reasons }) => decision === 'deny' && reasons.length > 0,
  );
  const deciding = forbidding.length
    ? forbidding
    : both.filter(({ decision }) => decision === 'allow');
  return {
    decision: deciding.length && !forbidding.length ? 'allow' : 'deny',
    reasons: deciding.flatMap(({ reasons }) => reasons),
    errors: both.flatMap(({ errors }) => errors),
  };
}
