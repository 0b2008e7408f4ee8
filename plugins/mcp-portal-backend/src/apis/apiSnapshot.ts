import type { ServerSnapshot } from '../definitions';
import type { ApiSpecification, ApiScope } from './specification';

/** How many of those that are left out are named to approvers. */
const NAMED = 20;

/** What an API offers: each of its operations as a tool. */
export function apiSnapshot(api: ApiSpecification): ServerSnapshot {
  return {
    instructions: aboutOf(api),
    tools: [...api.operations.values()].map(({ definition }) => definition),
    prompts: [],
    resourceTemplates: [],
  };
}

/** For approvers. */
function aboutOf({ operations, leftOut, scopes }: ApiSpecification): string {
  const lines = [`${operations.size} operations of an OpenAPI description.`];
  if (leftOut.length) {
    const named = leftOut
      .slice(0, NAMED)
      .map(({ key, reason }) => `${key} ${reason}`);
    const more =
      leftOut.length > NAMED ? `; and ${leftOut.length - NAMED} more` : '';
    lines.push(`Left out: ${named.join('; ')}${more}.`);
  }
  if (scopes.length) {
    lines.push(`Scopes: ${scopes.map(({ name }: ApiScope) => name).join(' ')}`);
  }
  return lines.join('\n').slice(0, 10_000);
}
