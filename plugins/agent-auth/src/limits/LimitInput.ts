import type {
  ConsentResource,
  GrantLimits,
} from '@prompt-corner/plugin-agent-auth-common';

/** Something besides scopes that a user can narrow. */
export type LimitName = ConsentResource['limits'][number];

/** Limits as they stand in the fields of a form. */
export interface LimitInput {
  /** Names, separated by commas; empty for all. */
  servers: string;
  /** Names, separated by commas; empty for all. */
  models: string;
  /** US dollars; undefined for no limit. */
  budgetUsdPerDay?: number;
}

/** Fields that nothing was entered in. */
export const noLimits: LimitInput = { servers: '', models: '' };

/** What can be narrowed at any of these resources. */
export function limitsOf(
  resources: Array<Pick<ConsentResource, 'limits'>>,
): LimitName[] {
  return [...new Set(resources.flatMap(resource => resource.limits))];
}

/** Fills the fields with limits chosen earlier. */
export function fromGrantLimits(limits: GrantLimits): LimitInput {
  return {
    servers: limits.servers?.join(', ') ?? '',
    models: limits.models?.join(', ') ?? '',
    budgetUsdPerDay: limits.budgetUsdPerDay,
  };
}

/**
 * Reads the fields.
 *
 * @param names - the limits that apply; fields of others are not shown and not read
 */
export function toGrantLimits(
  input: LimitInput,
  names: LimitName[],
): GrantLimits {
  const limits: GrantLimits = {};
  const servers = parseNames(input.servers);
  const models = parseNames(input.models);
  if (names.includes('servers') && servers) {
    limits.servers = servers;
  }
  if (names.includes('models') && models) {
    limits.models = models;
  }
  if (names.includes('budget') && input.budgetUsdPerDay !== undefined) {
    limits.budgetUsdPerDay = input.budgetUsdPerDay;
  }
  return limits;
}

function parseNames(typed: string): string[] | undefined {
  const names = [...new Set(typed.split(/[\s,]+/).filter(Boolean))];
  return names.length > 0 ? names : undefined;
}
