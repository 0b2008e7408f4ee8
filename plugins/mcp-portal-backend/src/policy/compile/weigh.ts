import type { PolicyDecision } from '@prompt-corner/plugin-mcp-portal-common';
import type { PolicyAttributes } from '../attributes';
import type { CedarAnswer } from './CedarSet';
import type { Policy } from './parsePolicies';

/**
 * Makes a decision of what Cedar says: a permit with `@approval` holds, unless
 * another one permits without.
 *
 * @param policyOf - policies by their names
 */
export function weigh(
  { decision, reasons, errors }: CedarAnswer,
  attributes: PolicyAttributes,
  policyOf: (id: string) => Policy,
): PolicyDecision {
  const made = reasons.map(policyOf).sort((a, b) => (a.id < b.id ? -1 : 1));
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
        : `No policy permits ${described(attributes)}`,
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

function described(attributes: PolicyAttributes): string {
  const { action, server, target, toolClass } = attributes;
  switch (action) {
    case 'call_tool':
      return `the ${toolClass} tool "${target}" of the server "${server.name}" here`;
    case 'get_prompt':
      return `the prompt "${target}" of the server "${server.name}" here`;
    default:
      return `resources such as "${target}" of the server "${server.name}" here`;
  }
}
