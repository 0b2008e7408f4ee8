import type { CedarAnswer } from './CedarSet';
import type { Decision } from './Decision';
import type { Policy } from './parsePolicies';

/**
 * Makes a decision of what Cedar says: a permit with `@approval` holds, unless
 * another one permits without.
 *
 * @param options.policyOf - policies by their names
 * @param options.describe - what was asked, for people
 */
export function weigh(
  { decision, reasons, errors }: CedarAnswer,
  options: { policyOf(id: string): Policy; describe(): string },
): Decision {
  const made = reasons
    .map(id => options.policyOf(id))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const common = errors.length
    ? {
        errors: errors.map(
          ({ policyId, message }) => `${policyId}: ${message}`,
        ),
      }
    : {};
  if (decision === 'deny') {
    return {
      effect: 'deny',
      policies: idsOf(made),
      reason: made.length
        ? `Forbidden by ${named(made)}`
        : `No policy permits ${options.describe()}`,
      ...common,
    };
  }
  const free = made.filter(({ approvers }) => !approvers);
  if (free.length > 0) {
    return {
      effect: 'permit',
      policies: idsOf(free),
      reason: `Permitted by ${named(free)}`,
      ...common,
    };
  }
  const approvers = [...new Set(made.flatMap(policy => policy.approvers!))];
  return {
    effect: 'hold',
    policies: idsOf(made),
    approvers,
    reason: `Needs the approval of ${approvers.join(' or ')}, by ${named(
      made,
    )}`,
    ...common,
  };
}

function idsOf(policies: Policy[]): string[] {
  return policies.map(({ id }) => id);
}

function named(policies: Policy[]): string {
  const names = policies.map(({ id, description }) =>
    description ? `"${id}" (${description})` : `"${id}"`,
  );
  return `${policies.length === 1 ? 'policy' : 'policies'} ${names.join(', ')}`;
}
