import { Era, ERAS } from '../client/McpConnection';
import type { Contender, ContenderName } from '../contenders/Contender';
import type { AnswerSize } from '../toolServers/answers';
import {
  Distribution,
  distributionOf,
} from '../../tokenChecks/load/LoadResult';
import { Caller } from './Caller';

/** How many clients call at once. */
export const CLIENTS = [8, 64];

/** In so many parts each contender's time is cut, between those of the others. */
const SLICES = 3;

const WARM_UP_MS = 500;

/** Each of these is measured with each number of clients. */
const LOADS: Array<{ era: Era; size: AnswerSize }> = [
  ...ERAS.map(era => ({ era, size: 'small' as const })),
  { era: 'modern', size: 'large' },
];

/** What became of the calls of many clients, each calling again at once. */
export interface Throughput {
  era: Era;
  size: AnswerSize;
  clients: number;
  contender: ContenderName;
  /** Answered. */
  callsPerSecond: number;
  ms: Distribution;
  /** Calls that were not answered, by what was said. */
  failures: Record<string, number>;
  /** Of the process between client and server, on processors; absent where there is none. */
  cpuMsPerCall?: number;
  /** The same of this process, which calls. */
  clientCpuMsPerCall: number;
}

/**
 * Lets many clients of each contender call, contenders in turns of some seconds.
 *
 * @param options.seconds - of each contender, for each number of clients and each load
 */
export async function measureThroughput(options: {
  contenders: Contender[];
  seconds: number;
}): Promise<Throughput[]> {
  const { contenders, seconds } = options;
  const found: Throughput[] = [];
  for (const { era, size } of LOADS) {
    for (const clients of CLIENTS) {
      const turns = [];
      for (const contender of contenders) {
        const callers = await openCallers(contender, { era, size, clients });
        await callFor(callers, WARM_UP_MS);
        turns.push({ contender, callers, tally: emptyTally() });
      }
      for (let slice = 0; slice < SLICES; slice++) {
        for (let place = 0; place < turns.length; place++) {
          const turn = turns[(slice + place) % turns.length];
          const { contender, callers, tally } = turn;
          await measureSlice(contender, callers, {
            ms: (seconds * 1_000) / SLICES,
            tally,
          });
        }
      }
      found.push(
        ...turns.map(({ contender, tally }) => ({
          era,
          size,
          clients,
          contender: contender.name,
          ...summarise(tally, contender.use !== undefined),
        })),
      );
    }
  }
  return found;
}

/** Clients of a contender, connected one after the other. */
export async function openCallers(
  contender: Contender,
  options: { era: Era; size: AnswerSize; clients: number },
): Promise<Caller[]> {
  const callers: Caller[] = [];
  while (callers.length < options.clients) {
    callers.push(
      await Caller.open(contender, { ...options, client: callers.length }),
    );
  }
  return callers;
}

/** What some time of calling came to. */
export interface Calls {
  /** Of each call that was answered. */
  ms: number[];
  failures: Record<string, number>;
  elapsedMs: number;
}

/** Lets each client call again and again, and waits for the last answers. */
export async function callFor(
  callers: Caller[],
  forMs: number,
): Promise<Calls> {
  const calls: Calls = { ms: [], failures: {}, elapsedMs: 0 };
  const begin = performance.now();
  await Promise.all(
    callers.map(async caller => {
      for (;;) {
        const start = performance.now();
        if (start - begin >= forMs) {
          return;
        }
        try {
          await caller.call();
          calls.ms.push(performance.now() - start);
        } catch (error) {
          const { message } = error as Error;
          calls.failures[message] = (calls.failures[message] ?? 0) + 1;
        }
      }
    }),
  );
  calls.elapsedMs = performance.now() - begin;
  return calls;
}

interface Tally extends Calls {
  cpuMs: number;
  clientCpuMs: number;
}

function emptyTally(): Tally {
  return { ms: [], failures: {}, elapsedMs: 0, cpuMs: 0, clientCpuMs: 0 };
}

async function measureSlice(
  contender: Contender,
  callers: Caller[],
  { ms, tally }: { ms: number; tally: Tally },
): Promise<void> {
  const before = await contender.use?.();
  const client = process.cpuUsage();
  const calls = await callFor(callers, ms);
  const { user, system } = process.cpuUsage(client);
  const after = await contender.use?.();
  for (const each of calls.ms) {
    tally.ms.push(each);
  }
  for (const [message, count] of Object.entries(calls.failures)) {
    tally.failures[message] = (tally.failures[message] ?? 0) + count;
  }
  tally.elapsedMs += calls.elapsedMs;
  tally.cpuMs += (after?.cpuMs ?? 0) - (before?.cpuMs ?? 0);
  tally.clientCpuMs += (user + system) / 1_000;
}

function summarise(tally: Tally, hasProcess: boolean) {
  const calls = tally.ms.length;
  return {
    callsPerSecond: calls / (tally.elapsedMs / 1_000),
    ms: distributionOf(tally.ms),
    failures: tally.failures,
    ...(hasProcess && { cpuMsPerCall: tally.cpuMs / calls }),
    clientCpuMsPerCall: tally.clientCpuMs / calls,
  };
}
