import {
  Distribution,
  distributionOf,
  watchProcess,
} from '../../tokenChecks/load/LoadResult';
import type { Contender, ContenderName } from '../contenders/Contender';
import { LIGHT, Snippet, TRIVIAL } from '../snippets';

/** In so many parts each contender's time is cut, between those of the others. */
const SLICES = 3;

const WARM_UP_MS = 500;

/** So many snippets at once, of so many users. */
export interface Load {
  snippet: Snippet;
  atOnce: number;
  users: number;
}

/** What is measured. */
export const LOADS: Load[] = [
  ...LIGHT.flatMap(snippet =>
    [8, 64].map(atOnce => ({ snippet, atOnce, users: 1 })),
  ),
  { snippet: TRIVIAL, atOnce: 8, users: 8 },
];

/** What became of snippets that ran at once, each followed by the next. */
export interface Throughput {
  snippet: Snippet['id'];
  atOnce: number;
  users: number;
  contender: ContenderName;
  perSecond: number;
  ms: Distribution;
  /** Runs that did not end well, by what was said. */
  failures: Record<string, number>;
  /** By how much timers of the process that asks were late, at p99; the worst slice. */
  loopDelayP99Ms: number;
  /** Of all the contender's processes. */
  cpuMsPerRun: number;
  /** Of the process that asks, which with prompt-corner also decides and validates. */
  hostCpuMsPerRun: number;
  /** After the last slice. */
  memoryMib: number;
}

interface Tally {
  ms: number[];
  failures: Record<string, number>;
  elapsedMs: number;
  loopDelayP99Ms: number;
  cpuMs: number;
  hostCpuMs: number;
}

/**
 * Runs snippets at once, contenders in turns of some seconds.
 *
 * @param options.seconds - of each contender and load
 */
export async function measureThroughput(options: {
  contenders: Contender[];
  loads: Load[];
  seconds: number;
}): Promise<Throughput[]> {
  const { contenders, loads, seconds } = options;
  const found: Throughput[] = [];
  for (const load of loads) {
    const turns = contenders.map(contender => ({
      contender,
      tally: emptyTally(),
    }));
    for (const { contender } of turns) {
      await runFor(contender, load, WARM_UP_MS, emptyTally());
    }
    for (let slice = 0; slice < SLICES; slice++) {
      for (let place = 0; place < turns.length; place++) {
        const { contender, tally } = turns[(slice + place) % turns.length];
        await measureSlice(contender, load, (seconds * 1_000) / SLICES, tally);
      }
    }
    const { snippet, atOnce, users } = load;
    found.push(
      ...turns.map(({ contender, tally }) => ({
        snippet: snippet.id,
        atOnce,
        users,
        contender: contender.name,
        ...summarise(tally),
        memoryMib: contender.use().memoryMib,
      })),
    );
  }
  return found;
}

async function measureSlice(
  contender: Contender,
  load: Load,
  forMs: number,
  tally: Tally,
): Promise<void> {
  const before = contender.use();
  const host = process.cpuUsage();
  const { use } = await watchProcess(() =>
    runFor(contender, load, forMs, tally),
  );
  const { user, system } = process.cpuUsage(host);
  tally.hostCpuMs += (user + system) / 1_000;
  tally.cpuMs += contender.use().cpuMs - before.cpuMs;
  tally.loopDelayP99Ms = Math.max(tally.loopDelayP99Ms, use.loopDelayMs.p99);
}

/** Keeps as many running as the load says, and waits for the last ones. */
async function runFor(
  contender: Contender,
  { snippet, atOnce, users }: Load,
  forMs: number,
  tally: Tally,
): Promise<void> {
  const begin = performance.now();
  const runners = Array.from({ length: atOnce }, async (_, index) => {
    for (;;) {
      const start = performance.now();
      if (start - begin >= forMs) {
        return;
      }
      try {
        await contender.run(snippet.code, `user-${index % users}`);
        tally.ms.push(performance.now() - start);
      } catch (error) {
        const { message } = error as Error;
        tally.failures[message] = (tally.failures[message] ?? 0) + 1;
      }
    }
  });
  await Promise.all(runners);
  tally.elapsedMs += performance.now() - begin;
}

function emptyTally(): Tally {
  return {
    ms: [],
    failures: {},
    elapsedMs: 0,
    loopDelayP99Ms: 0,
    cpuMs: 0,
    hostCpuMs: 0,
  };
}

function summarise(tally: Tally) {
  const { ms, failures, elapsedMs, loopDelayP99Ms, cpuMs, hostCpuMs } = tally;
  return {
    perSecond: ms.length / (elapsedMs / 1_000),
    ms: distributionOf(ms),
    failures,
    loopDelayP99Ms,
    cpuMsPerRun: cpuMs / ms.length,
    hostCpuMsPerRun: hostCpuMs / ms.length,
  };
}
