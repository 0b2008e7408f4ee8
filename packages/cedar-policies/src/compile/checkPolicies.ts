import {
  validate,
  type ValidationError,
} from '@cedar-policy/cedar-wasm/nodejs';
import { messageOf, parsePolicies, type Policy } from './parsePolicies';
import type { PolicyVocabulary } from '../PolicyVocabulary';
import {
  lineAtByte,
  type PolicyProblem,
  type PolicySource,
} from '../sources/problems';

/** Policies of some sources, and what is wrong with them. */
export interface CheckedPolicies {
  policies: Policy[];
  /** When there are any, the policies cannot be used. */
  problems: PolicyProblem[];
  /** What an author should look at, such as a policy that can never apply. */
  warnings: PolicyProblem[];
}

/** Reads policies and validates them against the schema of a language. */
export function checkPolicies(
  sources: PolicySource[],
  vocabulary: PolicyVocabulary,
): CheckedPolicies {
  const parsed = sources.map(source => parsePolicies(source, vocabulary));
  const policies = parsed.flatMap(one => one.policies);
  const problems = [
    ...parsed.flatMap(one => one.problems),
    ...duplicates(policies),
  ];
  if (problems.length > 0) {
    return { policies, problems, warnings: [] };
  }
  const answer = validate({
    validationSettings: { mode: 'strict' },
    schema: vocabulary.schema(),
    policies: { staticPolicies: textsOf(policies) },
  });
  if (answer.type === 'failure') {
    return {
      policies,
      problems: answer.errors.map(error => ({
        source: 'policies',
        message: messageOf(error),
      })),
      warnings: [],
    };
  }
  const located = (errors: ValidationError[]) =>
    withoutRepetition(errors.map(error => locate(policies, error)));
  return {
    policies,
    problems: located(answer.validationErrors),
    warnings: located(answer.validationWarnings),
  };
}

/** Texts of policies by their names, as Cedar takes them. */
export function textsOf(policies: Policy[]): Record<string, string> {
  // Made from entries, as a policy may be named as a property of every object is.
  return Object.fromEntries(policies.map(({ id, text }) => [id, text]));
}

function duplicates(policies: Policy[]): PolicyProblem[] {
  const first = new Map<string, Policy>();
  return policies.flatMap(policy => {
    const { id, source, line } = policy;
    const known = first.get(id);
    if (!known) {
      first.set(id, policy);
      return [];
    }
    return {
      source,
      line,
      policyId: id,
      message: `another policy has this name: ${known.source}:${known.line}`,
    };
  });
}

/** Cedar counts from the beginning of the policy, not of its source. */
function locate(
  policies: Policy[],
  { policyId, error }: ValidationError,
): PolicyProblem {
  const policy = policies.find(({ id }) => id === policyId)!;
  const offset = error.sourceLocations?.[0]?.start ?? 0;
  return {
    source: policy.source,
    line: policy.line + lineAtByte(policy.text, offset) - 1,
    policyId,
    message: messageOf(error),
  };
}

/** Cedar says the same of each action to which a policy applies. */
function withoutRepetition(problems: PolicyProblem[]): PolicyProblem[] {
  const seen = new Map(
    problems.map(problem => [
      `${problem.policyId} ${problem.line} ${problem.message}`,
      problem,
    ]),
  );
  return [...seen.values()];
}
