import { InputError } from '@backstage/errors';
import type {
  ConsentResource,
  GrantLimits,
} from '@prompt-corner/plugin-agent-auth-common';

const NAME = /^[\w.:/@*-]{1,200}$/;
const MAX_NAMES = 100;

/**
 * Limits that a user set, as far as they mean something for these resources.
 *
 * @throws InputError when one cannot be kept to
 */
export function checkedLimits(
  limits: GrantLimits,
  resources: Array<Pick<ConsentResource, 'limits'>>,
): GrantLimits {
  const allowed = new Set(resources.flatMap(resource => resource.limits));
  const { servers, models, budgetUsdPerDay } = limits;
  if (
    budgetUsdPerDay !== undefined &&
    !(budgetUsdPerDay >= 0 && Number.isFinite(budgetUsdPerDay))
  ) {
    throw new InputError('The budget has to be an amount of US dollars');
  }
  return {
    ...(servers && allowed.has('servers')
      ? { servers: names('servers', servers) }
      : {}),
    ...(models && allowed.has('models')
      ? { models: names('models', models) }
      : {}),
    ...(budgetUsdPerDay !== undefined && allowed.has('budget')
      ? { budgetUsdPerDay }
      : {}),
  };
}

function names(what: string, values: string[]): string[] {
  const wrong = values.find(value => !NAME.test(value));
  if (wrong !== undefined || values.length > MAX_NAMES) {
    throw new InputError(
      `Limit ${what}: give up to ${MAX_NAMES} names, with "*" for any characters; "${wrong}" is none`,
    );
  }
  return values;
}
