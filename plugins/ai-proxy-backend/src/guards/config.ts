import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import {
  ActionRule,
  createGuardrails,
  GuardrailsConfigError,
  GuardrailsOptions,
} from '@prompt-corner/guardrails';
import { PromptGuards } from './PromptGuards';

const KEY = 'aiProxy.guardrails';

/**
 * A conversation is sent again with each turn: what is blocked once would end
 * it, so that secrets are taken out instead.
 */
const DEFAULTS: ActionRule[] = [
  { category: 'secret', action: 'redact' },
  { category: 'exfiltration', action: 'flag' },
  // What tools have returned is in each request; the portal has inspected it on its way.
  { category: 'prompt-injection', action: 'off' },
  { category: 'personal-data', action: 'flag' },
];

/**
 * Reads the section `aiProxy.guardrails`.
 *
 * @returns undefined when they are switched off
 * @throws InputError when a value cannot be used
 */
export function readPromptGuards(config: Config): PromptGuards | undefined {
  const section = config.getOptional<GuardrailsOptions | false>(KEY);
  if (section === false) {
    return undefined;
  }
  try {
    return new PromptGuards(
      createGuardrails({
        ...section,
        actions: [...DEFAULTS, ...(section?.actions ?? [])],
      }),
      {
        byPart: !section?.topics?.some(({ rule }) => rule === 'allow'),
      },
    );
  } catch (error) {
    throw error instanceof GuardrailsConfigError
      ? new InputError(`${KEY}: ${error.message}`)
      : error;
  }
}
