import { readFileSync } from 'node:fs';

const SAMPLE_MS = 100;

// Fields of /proc/<pid>/stat behind the name, proc(5).
const CPU_TICKS = [11, 12];
const TICK_MS = 10;

/** What processes have used. */
export interface TreesUse {
  /** On processors since they began, with those that ended meanwhile. */
  cpuMs: number;
  /** Of those that run now; what they share with others counts in part. */
  memoryMib: number;
}

/**
 * What processes use, with those below them. Some end meanwhile, and are
 * killed rather than waited for: what they used last is remembered.
 */
export class ProcessTrees {
  readonly #roots: () => number[];
  readonly #cpuMs = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  /** @param roots - ids of the uppermost processes, asked again and again */
  constructor(roots: () => number[]) {
    this.#roots = roots;
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS).unref();
  }

  use(): TreesUse {
    const pids = this.#sample();
    const cpuMs = [...this.#cpuMs.values()].reduce((sum, ms) => sum + ms, 0);
    const memoryMib = pids.reduce((sum, pid) => sum + proportionalMib(pid), 0);
    return { cpuMs, memoryMib };
  }

  stop() {
    clearInterval(this.#timer);
  }

  #sample(): string[] {
    const pids = this.#roots().flatMap(pid => withDescendants(`${pid}`));
    for (const pid of pids) {
      const cpuMs = cpuMsOf(pid);
      if (cpuMs > 0) {
        this.#cpuMs.set(pid, cpuMs);
      }
    }
    return pids;
  }
}

function withDescendants(pid: string): string[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).trim();
  return [
    pid,
    ...children
      .split(' ')
      .filter(child => child !== '')
      .flatMap(withDescendants),
  ];
}

function cpuMsOf(pid: string): number {
  const text = read(`/proc/${pid}/stat`);
  // The name is in parentheses, and may have anything in it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return CPU_TICKS.reduce(
    (sum, field) => sum + Number(fields[field] ?? 0) * TICK_MS,
    0,
  );
}

function proportionalMib(pid: string): number {
  const text = read(`/proc/${pid}/smaps_rollup`);
  return Number(/^Pss: +(\d+)/m.exec(text)?.[1] ?? 0) / 1024;
}

/** @returns nothing for a process that is gone */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
