import { ServiceUnavailableError } from '@backstage/errors';
import { BackOff } from './BackOff';
import { choosePlace } from './choosePlace';
import type { SandboxChild, LossReason } from './SandboxChild';
import { SandboxLauncher } from './SandboxLauncher';
import type { LauncherOptions } from './SandboxLauncher';
import { WaitingQueue } from './WaitingQueue';

// The engine is opened anew each time; this bounds of how many others a broken one could see executions.
const EXECUTIONS_BEFORE_WORN = 500;
// A start costs the CPU time of some hundred executions (0.25 s to 0.45 s), so one principal's go on for longer.
const EXECUTIONS_PER_PROCESS = 5_000;
// Well below what the system allows a process (PROCESS_CPU_SECONDS).
const CPU_MS_PER_PROCESS = 300_000;
const REAP_INTERVAL_MS = 5_000;
const FAILED_STARTS = 3;

export interface PoolOptions extends LauncherOptions {
  /** Processes that are kept ready. */
  warm: number;
  max: number;
  /** Executions of one principal at the same time in one process. */
  executionsPerProcess: number;
  /** Executions that may wait for a process. */
  queue: number;
  /** Longest wait for a process in milliseconds. */
  queueMs: number;
  /** Time without work after which a process beyond the warm ones ends, in milliseconds. */
  idleMs: number;
}

interface Waiting {
  resolve(child: SandboxChild): void;
  reject(error: Error): void;
}

/** Numbers for operators. */
export interface PoolHealth {
  processes: number;
  /** Ids of the processes, or of the programs around them; also of their process groups. */
  pids: number[];
  starting: number;
  executions: number;
  waiting: number;
  /** Processes that were lost since the start, by reason. */
  lost: Record<string, number>;
}

/** Processes with sandboxes, warm and bounded in number; each serves one principal at a time. */
export class SandboxPool {
  readonly launcher: SandboxLauncher;
  readonly #options: PoolOptions;
  readonly #children = new Set<SandboxChild>();
  readonly #waiting = new WaitingQueue<Waiting>();
  readonly #lost: Record<string, number> = {};
  readonly #backOff = new BackOff();
  #starting = 0;
  #isClosed = false;
  #reaper: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.launcher = new SandboxLauncher(options);
  }

  /** Starts the warm processes. */
  warm() {
    this.#update();
  }

  /**
   * Waits for room in a process. Whoever gets it must `release` it.
   *
   * @throws ServiceUnavailableError when too many wait, when the wait took too
   * long, or when no process can be started.
   */
  async acquire(
    principal: string,
    signal?: AbortSignal,
  ): Promise<SandboxChild> {
    if (this.#isClosed) {
      throw new ServiceUnavailableError('Code Mode was closed');
    }
    const { queue, queueMs } = this.#options;
    const place = this.#choose(principal);
    if (place) {
      this.#occupy(place, principal);
      this.#update();
      return place;
    }
    if (this.#waiting.size >= queue) {
      throw new ServiceUnavailableError(
        `All sandboxes are busy and ${queue} executions wait already; try again later`,
      );
    }
    return this.#wait(principal, queueMs, signal);
  }

  /**
   * Gives room back.
   *
   * @param isUnsound - the process should take no more executions.
   */
  release(child: SandboxChild, cpuMs: number, isUnsound: boolean) {
    child.executions -= 1;
    child.cpuMs += cpuMs;
    child.idleSince = Date.now();
    child.isWorn ||= child.served >= EXECUTIONS_BEFORE_WORN;
    child.isRetired ||=
      isUnsound ||
      child.served >= EXECUTIONS_PER_PROCESS ||
      child.cpuMs >= CPU_MS_PER_PROCESS;
    if (child.isRetired && child.executions === 0) {
      child.kill('closed');
    }
    this.#update();
  }

  health(): PoolHealth {
    const children = [...this.#children];
    return {
      processes: children.length,
      pids: children.flatMap(({ pid }) => pid ?? []),
      starting: this.#starting,
      executions: children.reduce((sum, child) => sum + child.executions, 0),
      waiting: this.#waiting.size,
      lost: { ...this.#lost },
    };
  }

  close() {
    this.#isClosed = true;
    clearInterval(this.#reaper);
    clearTimeout(this.#retry);
    this.#failWaiting(new ServiceUnavailableError('Code Mode was closed'));
    this.launcher.close();
    for (const child of [...this.#children]) {
      child.kill('closed');
    }
  }

  #wait(
    principal: string,
    queueMs: number,
    signal?: AbortSignal,
  ): Promise<SandboxChild> {
    const waiting: Waiting = { resolve: () => {}, reject: () => {} };
    const promise = new Promise<SandboxChild>((resolve, reject) => {
      waiting.resolve = resolve;
      waiting.reject = reject;
    });
    const leave = (error: Error) => {
      // At once, so that room is never given to one who is gone.
      this.#waiting.remove(principal, waiting);
      waiting.reject(error);
    };
    const onAbort = () => leave(new Error('Cancelled while waiting'));
    const timer = setTimeout(() => {
      leave(
        new ServiceUnavailableError(
          `All sandboxes were busy for ${queueMs} ms; try again later`,
        ),
      );
    }, queueMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#waiting.add(principal, waiting);
    this.#update();
    return promise.finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    });
  }

  #choose(principal: string): SandboxChild | undefined {
    const { executionsPerProcess, max } = this.#options;
    return choosePlace(this.#children, principal, {
      executionsPerProcess,
      processesPerPrincipal: Math.max(1, Math.floor(max / 2)),
    });
  }

  #occupy(child: SandboxChild, principal: string) {
    child.principal = principal;
    child.executions += 1;
    child.served += 1;
  }

  /** Serves those who wait, and starts what is missing. Called after every change. */
  #update() {
    if (this.#isClosed) {
      return;
    }
    this.#waiting.offer((principal, waiting) => {
      const place = this.#choose(principal);
      if (!place) {
        return false;
      }
      this.#occupy(place, principal);
      waiting.resolve(place);
      return true;
    });
    this.#startMissing();
    this.#reaper ??= setInterval(() => this.#reap(), REAP_INTERVAL_MS).unref();
  }

  #startMissing() {
    const { warm, max } = this.#options;
    const usable = [...this.#children].filter(
      child => !child.isRetired && !isLeftOver(child),
    );
    const busy = usable.filter(child => child.executions > 0).length;
    // One more than is busy, so that the next principal does not wait for a start.
    const wanted = Math.max(warm, busy + Math.max(1, this.#waiting.size));
    const total = Math.min(wanted, max - (this.#children.size - usable.length));
    const missing = total - usable.length - this.#starting;
    if (missing <= 0) {
      if (wanted > total) {
        [...this.#children].find(isLeftOver)?.kill('closed');
      }
      return;
    }
    const delayMs = this.#backOff.remainingMs();
    if (delayMs > 0) {
      this.#retry ??= setTimeout(() => {
        this.#retry = undefined;
        this.#update();
      }, delayMs);
      return;
    }
    for (let count = 0; count < missing; count += 1) {
      void this.#start();
    }
  }

  async #start() {
    this.#starting += 1;
    try {
      const child = await this.launcher.launch((lost, reason) =>
        this.#onExit(lost, reason),
      );
      this.#starting -= 1;
      this.#backOff.succeed();
      if (this.#isClosed) {
        child.kill('closed');
        return;
      }
      child.idleSince = Date.now();
      if (!child.isLost) {
        this.#children.add(child);
      }
    } catch (error) {
      this.#starting -= 1;
      this.#backOff.fail();
      if (this.#backOff.failures >= FAILED_STARTS || !this.launcher.isolation) {
        this.#failWaiting(error as Error);
      }
    }
    this.#update();
  }

  #onExit(child: SandboxChild, reason: LossReason) {
    this.#children.delete(child);
    child.isRetired = true;
    if (reason !== 'closed') {
      this.#lost[reason] = (this.#lost[reason] ?? 0) + 1;
    }
    this.#update();
  }

  #failWaiting(error: Error) {
    for (const waiting of this.#waiting.drain()) {
      waiting.reject(error);
    }
  }

  #reap() {
    const { warm, idleMs } = this.#options;
    const longIdle = [...this.#children].filter(
      child => child.executions === 0 && child.idleSince < Date.now() - idleMs,
    );
    const surplus = Math.max(0, this.#children.size - warm);
    const leftOver = longIdle.filter(isLeftOver);
    const others = longIdle.filter(child => !isLeftOver(child));
    for (const child of [...leftOver, ...others].slice(0, surplus)) {
      child.kill('closed');
    }
  }
}

/** It waits for its own principal only, and makes room when others need it. */
function isLeftOver({ isWorn, executions }: SandboxChild): boolean {
  return isWorn && executions === 0;
}
