import type { CallRecord } from '@prompt-corner/code-mode';
import { CallRefusal } from '../calls';
import type { CodeScope } from './CodeScope';

/** Which tools the names in code meant, for looking again when the code goes on. */
export function originsOf(
  calls: CallRecord[],
  { originOf }: Pick<CodeScope, 'originOf'>,
): Record<string, string> {
  const names = [...new Set(calls.map(({ tool }) => tool))];
  return Object.fromEntries(
    names.flatMap(name => {
      const origin = originOf(name);
      return origin === undefined ? [] : [[name, origin]];
    }),
  );
}

/**
 * A name can mean another tool after a pause. Whether its caller may have the answer
 * that is kept would then be asked of the wrong one. (That a tool is gone is told by
 * the call itself.)
 *
 * @throws CallRefusal when one does
 */
export function assertSameTools(
  origins: Record<string, string>,
  { originOf }: Pick<CodeScope, 'originOf'>,
): void {
  for (const [name, origin] of Object.entries(origins)) {
    const now = originOf(name);
    if (now !== undefined && now !== origin) {
      throw new CallRefusal('view', `${name} is another tool now`);
    }
  }
}
