import { checkPolicies, type PolicyProblem } from '../compile';
import type { PolicyEngine } from '../PolicyEngine';

/** Whether a draft can be used, and what is wrong with it. */
export interface DraftCheck {
  valid: boolean;
  problems: PolicyProblem[];
  /** What an author should look at. */
  warnings: PolicyProblem[];
  /** Names of its policies, and of those that come with the portal where they are used. */
  policies: string[];
}

/** Checks policies without using them. */
export function checkDraft(engine: PolicyEngine, draft: string): DraftCheck {
  const { policies, problems, warnings } = checkPolicies(
    engine.draftSources(draft),
  );
  return {
    valid: problems.length === 0,
    problems,
    warnings,
    policies: policies.map(({ id }) => id),
  };
}
