import type { CompiledPolicies, Decision, Policy } from '../compile';
import type { CurrentPolicies } from '../CurrentPolicies';
import type { PolicyProblem } from '../sources';

/** A policy, for people. */
export interface ShownPolicy {
  id: string;
  effect: 'permit' | 'forbid';
  text: string;
  /** Name of the file or configuration key that it is in. */
  source: string;
  /** From 1. */
  line: number;
  description?: string;
  approvers?: string[];
}

/** A decision, and the policies that had a part in it. */
export interface Explanation extends Decision {
  version: string;
  /** Those that decide. */
  deciding: ShownPolicy[];
  /** All whose conditions hold, also those that others outweigh. */
  matching: ShownPolicy[];
}

/** Whether a draft can be used, and what is wrong with it. */
export interface DraftCheck {
  valid: boolean;
  problems: PolicyProblem[];
  /** What an author should look at. */
  warnings: PolicyProblem[];
  /** Names of its policies, and of those that come with the plugin where they are used. */
  policies: string[];
}

/** Checks policies without using them. */
export function checkDraft<Question>(
  policies: Pick<CurrentPolicies<Question>, 'checkDraft'>,
  draft: string,
): DraftCheck {
  const checked = policies.checkDraft(draft);
  return {
    valid: checked.problems.length === 0,
    problems: checked.problems,
    warnings: checked.warnings,
    policies: checked.policies.map(({ id }) => id),
  };
}

function shown({ json, ...policy }: Policy): ShownPolicy {
  return policy;
}

/** All policies of a set, for people. */
export function shownPolicies<Question>(
  compiled: CompiledPolicies<Question>,
): ShownPolicy[] {
  return compiled.policies.map(shown);
}

/** Decides, and tells by which policies. Takes longer than to decide. */
export function explain<Question>(
  compiled: CompiledPolicies<Question>,
  question: Question,
): Explanation {
  const decision = compiled.decide(question);
  const matching = compiled.matching(question);
  const shownOf = (ids: string[]) =>
    compiled.policies.filter(({ id }) => ids.includes(id)).map(shown);
  return {
    ...decision,
    version: compiled.version,
    deciding: shownOf(decision.policies),
    matching: shownOf(matching),
  };
}

/**
 * Uses the policies that decide now, or a draft of others for as long as it takes.
 *
 * @throws InputError when the draft is not valid
 */
export function withPolicies<Question, T>(
  policies: Pick<CurrentPolicies<Question>, 'current' | 'compileDraft'>,
  draft: string | undefined,
  use: (compiled: CompiledPolicies<Question>) => T,
): T {
  if (draft === undefined) {
    return use(policies.current);
  }
  const compiled = policies.compileDraft(draft);
  try {
    return use(compiled);
  } finally {
    compiled.release();
  }
}
