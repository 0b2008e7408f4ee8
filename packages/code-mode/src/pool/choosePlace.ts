import type { SandboxChild } from './SandboxChild';

/** Processes that a principal takes before its executions share them. */
const PROCESSES_BEFORE_SHARING = 2;

type Place = Pick<
  SandboxChild,
  'principal' | 'executions' | 'isWorn' | 'isRetired'
>;

/**
 * The process that should run a principal's next execution: an idle one as
 * long as the principal has few, then one of its own with room, then an idle
 * one again up to the principal's share.
 *
 * @returns undefined if it has to wait.
 */
export function choosePlace<T extends Place>(
  children: Iterable<T>,
  principal: string,
  options: { executionsPerProcess: number; processesPerPrincipal: number },
): T | undefined {
  let idle: T | undefined;
  let shared: T | undefined;
  let own = 0;
  for (const child of children) {
    if (child.isRetired) {
      own += child.principal === principal && child.executions > 0 ? 1 : 0;
      continue;
    }
    if (child.executions === 0) {
      if (child.isWorn && child.principal !== principal) {
        continue;
      }
      // One that served the same principal before has its tools already.
      idle = idle && child.principal !== principal ? idle : child;
    } else if (child.principal === principal) {
      own += 1;
      const hasRoom = child.executions < options.executionsPerProcess;
      if (hasRoom && (!shared || child.executions < shared.executions)) {
        shared = child;
      }
    }
  }
  if (
    idle &&
    own < Math.min(PROCESSES_BEFORE_SHARING, options.processesPerPrincipal)
  ) {
    return idle;
  }
  if (shared) {
    return shared;
  }
  return own < options.processesPerPrincipal ? idle : undefined;
}
