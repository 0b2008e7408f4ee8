import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import type { BudgetDefinition } from '@prompt-corner/plugin-ai-proxy-common';
import { parseBudget } from './BudgetSchema';

/** What the configuration says about budgets, with defaults. */
export interface BudgetsConfig {
  budgets: BudgetDefinition[];
  /** What becomes of requests for which the database would have to be asked, when it does not answer. */
  withoutDatabase: 'deny' | 'allow';
}

/**
 * Reads `aiProxy.budgets` and `aiProxy.budgetsWithoutDatabase`.
 *
 * @throws InputError naming the key that cannot be used
 */
export function readBudgetsConfig(root: Config): BudgetsConfig {
  const listed = root.getOptional('aiProxy.budgets') ?? [];
  if (!Array.isArray(listed)) {
    throw new InputError('aiProxy.budgets has to be a list');
  }
  const budgets = listed.map((value, index) =>
    parseBudget(value, `aiProxy.budgets[${index}]`),
  );
  const names = budgets.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new InputError(`aiProxy.budgets has the name "${twice}" twice`);
  }
  const withoutDatabase =
    root.getOptionalString('aiProxy.budgetsWithoutDatabase') ?? 'deny';
  if (withoutDatabase !== 'deny' && withoutDatabase !== 'allow') {
    throw new InputError(
      'aiProxy.budgetsWithoutDatabase has to be deny or allow',
    );
  }
  return { budgets, withoutDatabase };
}
