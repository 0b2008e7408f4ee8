import { InputError } from '@backstage/errors';

/**
 * Whether clients of a portal get Code Mode:
 *
 * - `off`: none does
 * - `opt_in`: those that ask for it
 * - `default_on`: those that do not ask to be without
 * - `enforced`: all
 */
export type CodeModeSetting = 'off' | 'opt_in' | 'default_on' | 'enforced';

/** All settings. */
export const CODE_MODE_SETTINGS: readonly CodeModeSetting[] = [
  'off',
  'opt_in',
  'default_on',
  'enforced',
];

/** The value of the query parameter `codemode` that asks for Code Mode. */
const ASKED_FOR = 'search_and_execute';

/** The one that asks to be without. */
const ASKED_OFF = 'off';

/**
 * Whether a request gets Code Mode. What it asks for counts only where the portal
 * leaves a choice.
 *
 * @param asked - query parameter `codemode`
 * @throws InputError when it is neither of the two values
 */
export function isCodeMode(setting: CodeModeSetting, asked: unknown): boolean {
  if (setting === 'off' || setting === 'enforced') {
    return setting === 'enforced';
  }
  if (asked === undefined) {
    return setting === 'default_on';
  }
  if (asked !== ASKED_FOR && asked !== ASKED_OFF) {
    throw new InputError(
      `The query parameter codemode has to be ${ASKED_FOR} or ${ASKED_OFF}`,
    );
  }
  return asked === ASKED_FOR;
}
