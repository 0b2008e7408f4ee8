import {
  explain,
  shownPolicies,
  withPolicies,
  type Explanation,
  type ShownPolicy,
} from '@prompt-corner/cedar-policies';
import { askedOf, type ModelPolicy } from './ModelPolicy';
import type { ModelQuestion, PolicyModel } from './ModelQuestion';

/** What would be decided, and by what. */
export interface ModelSimulation extends Explanation {
  /** Of the models that were given: those that the caller would see in lists. */
  listedModels: Array<{ provider: string; id: string }>;
}

/** Tries decisions, by the policies that decide now or by a draft of others. */
export class ModelPolicySimulator {
  readonly #policy: ModelPolicy;

  constructor(options: { policy: ModelPolicy }) {
    this.#policy = options.policy;
  }

  /** All policies that decide now. */
  policies(): ShownPolicy[] {
    return shownPolicies(this.#policy.current);
  }

  /**
   * Decides a request that nobody makes.
   *
   * @param options.models - of which to tell whether the caller would see them
   * @param options.draft - policies to use instead of those of the configuration
   * @throws InputError when the draft is not valid
   */
  simulate(options: {
    question: ModelQuestion;
    models?: PolicyModel[];
    draft?: string;
  }): ModelSimulation {
    const { now = new Date(), caller, ...use } = options.question;
    return withPolicies(this.#policy, options.draft, compiled => {
      const isListed = (model: PolicyModel) => {
        const asked = askedOf(caller, { action: 'use_model', model }, now);
        return (
          asked.beyondGrant === undefined &&
          compiled.decideBound(asked, 'best').effect === 'permit'
        );
      };
      return {
        ...explain(compiled, askedOf(caller, use, now)),
        listedModels: (options.models ?? [])
          .filter(isListed)
          .map(({ id, provider }) => ({ provider: provider.name, id })),
      };
    });
  }
}
