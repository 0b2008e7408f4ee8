import { ServiceUnavailableError } from '@backstage/errors';
import { ISOLATIONS, sandboxCommand } from '../isolation/isolations';
import type { Isolation } from '../isolation/isolations';
import { findProgramFiles } from '../isolation/programFiles';
import type { ProgramFiles } from '../isolation/programFiles';
import { SandboxChild } from './SandboxChild';
import type { LossReason } from './SandboxChild';

const READY_MS = 15_000;

export interface LauncherOptions {
  /** Without this a machine that has nothing but `plain` runs no code. */
  allowPlain: boolean;
  /** Tried in this order. */
  isolations?: readonly Isolation[];
  /** Told once what was found to work, and why better ones do not. */
  onIsolation?: (isolation: Isolation, failures: string[]) => void;
  memoryBytes: number;
  maxFrameBytes: number;
}

/** Starts sandbox processes, in the best isolation that works here. */
export class SandboxLauncher {
  readonly #options: LauncherOptions;
  readonly #starting = new Set<SandboxChild>();
  #files: ProgramFiles | undefined;
  #isolation: Isolation | undefined;
  #engine: string | undefined;
  #probe: Promise<SandboxChild> | undefined;

  constructor(options: LauncherOptions) {
    this.#options = options;
  }

  /** What was found to work; absent before the first process is ready. */
  get isolation(): Isolation | undefined {
    return this.#isolation;
  }

  get engine(): string | undefined {
    return this.#engine;
  }

  /**
   * Starts a process and waits until it can work. The first one is the probe
   * for all others.
   *
   * @throws ServiceUnavailableError that says what was tried.
   */
  async launch(
    onExit: (child: SandboxChild, reason: LossReason) => void,
  ): Promise<SandboxChild> {
    while (!this.#isolation && this.#probe) {
      await this.#probe.catch(() => {});
    }
    if (this.#isolation) {
      return this.#start(this.#isolation, onExit);
    }
    this.#probe = this.#startBest(onExit);
    try {
      return await this.#probe;
    } finally {
      this.#probe = undefined;
    }
  }

  /** Ends the processes that are not ready yet. */
  close() {
    for (const child of this.#starting) {
      child.kill('closed');
    }
  }

  async #startBest(
    onExit: (child: SandboxChild, reason: LossReason) => void,
  ): Promise<SandboxChild> {
    const failures: string[] = [];
    for (const isolation of this.#options.isolations ?? ISOLATIONS) {
      if (isolation === 'plain' && !this.#options.allowPlain) {
        failures.push('plain: not allowed (allowPlain)');
        continue;
      }
      try {
        const child = await this.#start(isolation, onExit);
        this.#isolation = isolation;
        this.#options.onIsolation?.(isolation, failures);
        return child;
      } catch (error) {
        failures.push(`${isolation}: ${(error as Error).message}`);
      }
    }
    throw new ServiceUnavailableError(
      `No sandbox can be started. ${failures.join('; ')}`,
    );
  }

  async #start(
    isolation: Isolation,
    onExit: (child: SandboxChild, reason: LossReason) => void,
  ): Promise<SandboxChild> {
    this.#files ??= findProgramFiles();
    const { memoryBytes, maxFrameBytes } = this.#options;
    const command = sandboxCommand(isolation, this.#files, memoryBytes);
    if (!command) {
      throw new ServiceUnavailableError('its programs are not installed');
    }
    let exited: (reason: LossReason) => void = () => {};
    const exit = new Promise<LossReason>(resolve => {
      exited = resolve;
    });
    let isReady = false;
    const child: SandboxChild = new SandboxChild(
      command,
      maxFrameBytes,
      reason => {
        exited(reason);
        if (isReady) {
          onExit(child, reason);
        }
      },
    );
    this.#starting.add(child);
    const timer = setTimeout(() => child.kill('unresponsive'), READY_MS);
    try {
      const ready = await Promise.race([child.ready(), exit]);
      if (typeof ready === 'string') {
        throw new ServiceUnavailableError(
          `the process was lost (${ready}). ${gist(child.diagnostics)}`,
        );
      }
      if (isolation !== 'plain' && ready.interfaces.some(isOutside)) {
        child.kill('closed');
        throw new ServiceUnavailableError('the network is still there');
      }
      this.#engine = ready.engine;
      isReady = true;
      return child;
    } finally {
      clearTimeout(timer);
      this.#starting.delete(child);
    }
  }
}

function isOutside(networkInterface: string): boolean {
  return networkInterface !== 'lo';
}

/** The line that says most. */
function gist(diagnostics: string): string {
  const lines = diagnostics.split('\n').filter(line => line.trim() !== '');
  const line = lines.find(text => /error|not permitted|denied/i.test(text));
  return (line ?? lines.at(-1) ?? 'It said nothing.').slice(0, 300);
}
