import { createHash } from 'node:crypto';
import type { PolicyLanguage } from '../PolicyLanguage';
import { readsOf, readsUnknown, type PolicyReads } from '../reads';
import type { CedarRequest, LocalTime } from '../requests';
import { CedarSet, type CedarAnswer } from './CedarSet';
import { textsOf } from './checkPolicies';
import type { Decision } from './Decision';
import type { Policy } from './parsePolicies';
import { PartedSet } from './PartedSet';
import { withoutUnknown, type Bound } from './unknownBounds';
import { weigh } from './weigh';

/** A valid set of policies that decides. */
export class CompiledPolicies<Question> {
  readonly policies: Policy[];
  /** What the policies can read. */
  readonly reads: PolicyReads;
  /** `sha256:` and hex, over names and texts of the policies. */
  readonly version: string;
  readonly #byId: Map<string, Policy>;
  /** Those whose conditions what is unknown in lists decides. */
  readonly #onUnknown: Set<string>;
  readonly #exact: PartedSet<Question>;
  readonly #bounds: Record<Bound, CedarSet>;
  readonly #language: PolicyLanguage<Question>;
  readonly #localTime: LocalTime;

  /**
   * @param policies - without problems
   * @throws Error when Cedar cannot parse them
   */
  constructor(
    policies: Policy[],
    options: { language: PolicyLanguage<Question>; localTime: LocalTime },
  ) {
    const { language } = options;
    this.policies = policies;
    this.#language = language;
    this.#localTime = options.localTime;
    this.#byId = new Map(policies.map(policy => [policy.id, policy]));
    this.reads = readsOf(
      policies.map(({ json }) => json),
      language,
    );
    this.#onUnknown = new Set(
      policies
        .filter(({ json }) =>
          json.conditions.some(({ body }) => readsUnknown(body, language)),
        )
        .map(({ id }) => id),
    );
    this.version = versionOf(policies);
    this.#exact = new PartedSet(policies, options);
    const best = this.#bound('best');
    this.#bounds = {
      best,
      worst: this.#onUnknown.size === 0 ? best : this.#bound('worst'),
    };
  }

  /** Decides a question of which all is known. Never throws: what cannot be decided is denied. */
  decide(question: Question): Decision {
    const refusal = this.#language.refusal(question, this.reads);
    if (refusal !== undefined) {
      return denied(refusal);
    }
    const ask = () => this.#exact.decide(question);
    return this.#decide(ask, answer => {
      const broken = answer.errors.find(
        ({ policyId }) => this.#byId.get(policyId)?.effect === 'forbid',
      );
      return broken ? forbiddenByError(broken) : this.#weigh(answer, question);
    });
  }

  /**
   * Decides without what is unknown in lists, whatever the question has of it: the
   * best, or the worst, that could be decided. A question is never permitted when
   * the best is `deny`, and never denied when the worst is `permit`.
   */
  decideBound(question: Question, bound: Bound): Decision {
    const ask = () => this.#bounds[bound].decide(this.#requestOf(question));
    return this.#decide(ask, answer => {
      const errors = answer.errors.filter(
        // In another case, a part that cannot be evaluated might not have been reached.
        ({ policyId }) => bound === 'worst' || !this.#onUnknown.has(policyId),
      );
      const broken = errors.find(
        ({ policyId }) => this.#byId.get(policyId)?.effect === 'forbid',
      );
      if (broken) {
        return forbiddenByError(broken);
      }
      const doubtful = answer.errors
        .filter(error => !errors.includes(error))
        .map(({ policyId }) => policyId)
        .filter(id => this.#byId.get(id)?.effect === 'permit');
      const isForbidden =
        answer.decision === 'deny' && answer.reasons.length > 0;
      return this.#weigh(
        isForbidden || doubtful.length === 0
          ? { ...answer, errors }
          : {
              decision: 'allow',
              reasons: [...answer.reasons, ...doubtful],
              errors,
            },
        question,
      );
    });
  }

  /**
   * Names of all policies whose conditions hold, also of those that others
   * outweigh. For people: it takes longer than to decide.
   */
  matching(question: Question): string[] {
    if (this.#language.refusal(question, this.reads) !== undefined) {
      return [];
    }
    // Cedar names permits only when nothing forbids.
    const permits = new CedarSet(
      textsOf(this.policies.filter(({ effect }) => effect === 'permit')),
    );
    try {
      return [
        ...new Set([
          ...permits.decide(this.#requestOf(question)).reasons,
          ...this.#exact.decide(question).reasons,
        ]),
      ];
    } finally {
      permits.release();
    }
  }

  /** Frees the memory that it takes. It cannot decide any more. */
  release(): void {
    this.#exact.release();
    new Set(Object.values(this.#bounds)).forEach(set => set.release());
  }

  #decide(
    ask: () => CedarAnswer,
    weighed: (answer: CedarAnswer) => Decision,
  ): Decision {
    try {
      return weighed(ask());
    } catch (error) {
      return {
        ...denied(this.#language.undecidable),
        errors: [String(error)],
      };
    }
  }

  #requestOf(question: Question): CedarRequest {
    return this.#language.toRequest(question, {
      reads: this.reads,
      localTime: this.#localTime,
    });
  }

  #weigh(answer: CedarAnswer, question: Question): Decision {
    return weigh(answer, {
      policyOf: id => this.#byId.get(id)!,
      describe: () => this.#language.describe(question),
    });
  }

  #bound(bound: Bound): CedarSet {
    return new CedarSet(
      Object.fromEntries(
        this.policies.map(({ id, text, json }) => [
          id,
          this.#onUnknown.has(id)
            ? withoutUnknown(json, bound, this.#language)
            : text,
        ]),
      ),
    );
  }
}

function denied(reason: string): Decision {
  return { effect: 'deny', policies: [], reason };
}

/** Nobody knows what it would have forbidden. */
function forbiddenByError(error: CedarAnswer['errors'][number]): Decision {
  const { policyId, message } = error;
  return {
    effect: 'deny',
    policies: [policyId],
    reason: `Policy "${policyId}" may forbid it, and could not be evaluated`,
    errors: [`${policyId}: ${message}`],
  };
}

function versionOf(policies: Policy[]): string {
  const texts = policies.map(({ id, text }) => [id, text]);
  const hash = createHash('sha256').update(JSON.stringify(texts.sort()));
  return `sha256:${hash.digest('hex')}`;
}
