import { percentile } from '../../measure';
import type { Contender, ContenderName } from '../contenders/Contender';
import { Exchange, timedUntil } from '../exchanges/Exchange';
import type { LoadGenerator } from '../load/LoadGenerator';
import type { LoadAnswer } from '../load/protocol';

/** In so many parts each contender's time is cut, between those of the others. */
export const ROUNDS = 3;

/** What is asked for on how many connections. */
export interface Load {
  exchange: Exchange;
  connections: number;
}

const JSON_SMALL: Exchange = { delivery: 'json', body: 'small' };
const JSON_LARGE: Exchange = { delivery: 'json', body: 'large' };
const BURST: Exchange = { delivery: 'burst', body: 'small' };
const PACED: Exchange = { delivery: 'paced', body: 'small' };

const LOADS: Load[] = [
  { exchange: JSON_SMALL, connections: 32 },
  { exchange: JSON_SMALL, connections: 256 },
  { exchange: JSON_LARGE, connections: 32 },
  { exchange: JSON_LARGE, connections: 256 },
  { exchange: BURST, connections: 32 },
  { exchange: PACED, connections: 32 },
];

/** Until engines have compiled what is asked for most: a backend that has just started takes twice as long. */
const WARM_UP: Array<Load & { seconds: number }> = [
  { exchange: JSON_SMALL, connections: 32, seconds: 10 },
  { exchange: JSON_LARGE, connections: 8, seconds: 3 },
  { exchange: BURST, connections: 8, seconds: 5 },
];

/** What became of requests on many connections. */
export interface Throughput extends Load {
  contender: ContenderName;
  /** Answered; the median of the rounds. */
  requestsPerSecond: number;
  /** Until the first bytes of a stream, or the last of a document; medians of the rounds, NaN when nothing was answered. */
  ms: { p50: number; p99: number };
  /** Requests that were not answered, by what was said. */
  failures: Record<string, number>;
  /** Of the process between client and provider, on processors; absent where there is none. */
  cpuMsPerRequest?: number;
}

/** Asks each contender so much that it has come to its speed. */
export async function warmUp(options: {
  load: LoadGenerator;
  contenders: Contender[];
}): Promise<void> {
  for (const { target } of options.contenders) {
    for (const { seconds, ...each } of WARM_UP) {
      const opened = await options.load.open({ target, ...each });
      await opened.run(seconds);
    }
  }
}

/**
 * Puts loads on each contender, contenders in turns of some seconds; who begins
 * changes from round to round.
 *
 * @param options.seconds - of each contender, for each load
 * @param options.say - is told which load begins
 */
export async function measureThroughput(options: {
  load: LoadGenerator;
  contenders: Contender[];
  seconds: number;
  say: (load: Load) => void;
}): Promise<Throughput[]> {
  const { load, contenders, seconds, say } = options;
  const found: Throughput[] = [];
  for (const each of LOADS) {
    say(each);
    const turns = contenders.map(contender => ({
      contender,
      answers: [] as LoadAnswer[],
      cpuMs: 0,
    }));
    for (let round = 0; round < ROUNDS; round++) {
      for (let place = 0; place < turns.length; place++) {
        const turn = turns[(round + place) % turns.length];
        const { target, use } = turn.contender;
        const opened = await load.open({ target, ...each });
        const before = use?.().cpuMs ?? 0;
        turn.answers.push(await opened.run(seconds / ROUNDS));
        turn.cpuMs += (use?.().cpuMs ?? 0) - before;
      }
    }
    found.push(
      ...turns.map(({ contender: { name, use }, answers, cpuMs }) => ({
        ...each,
        contender: name,
        ...summarise(each, answers),
        ...(use && { cpuMsPerRequest: cpuMs / requestsOf(answers) }),
      })),
    );
  }
  return found;
}

function summarise({ exchange }: Load, answers: LoadAnswer[]) {
  const median = (read: (answer: LoadAnswer) => number) => {
    // A round without an answer has no times, for which JSON has null.
    const values = answers.map(read).filter(Number.isFinite);
    return values.length ? percentile(values, 0.5) : NaN;
  };
  const key = timedUntil(exchange) === 'first' ? 'firstMs' : 'lastMs';
  return {
    requestsPerSecond: median(answer => answer.requestsPerSecond),
    ms: {
      p50: median(answer => answer[key].p50),
      p99: median(answer => answer[key].p99),
    },
    failures: failuresOfAll(answers),
  };
}

function failuresOfAll(answers: LoadAnswer[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const { failures } of answers) {
    for (const [message, count] of Object.entries(failures)) {
      all[message] = (all[message] ?? 0) + count;
    }
  }
  return all;
}

function requestsOf(answers: LoadAnswer[]): number {
  return answers.reduce((sum, { requests }) => sum + requests, 0);
}
