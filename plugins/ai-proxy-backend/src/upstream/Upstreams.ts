import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Candidate, Provider, Target } from '../providers';
import { orderOf } from './balance';
import { Breaker } from './Breaker';
import type { Client } from './Client';
import { Connections, UpstreamError } from './Connections';
import { FairQueue, Release } from './FairQueue';
import { Pin, pinnedTargets } from './pin';
import { retryAfterMs } from './retryAfter';

/** Answers after which somebody else may be asked; nothing has been done then. */
const OVERLOADED = new Set([429, 529, 503]);
const BROKEN = new Set([500, 502, 504, 520, 521, 522, 523, 524]);

/** Before a target that was overloaded or broken is asked again, doubled each time. */
const BACKOFF_MS = 200;

/** How much of an error is kept while others are asked. */
const MAX_ERROR_BYTES = 65_536;

/** What to ask of one candidate. */
export interface Prepared {
  method: string;
  /** Below the base URL, with query. */
  path: string;
  /** In front of the path of the base URL, such as `/upload`. */
  above?: string;
  headers: Record<string, string>;
  /** A stream can be sent once only: see `once` of {@link Upstreams.ask}. */
  body?: Buffer | Readable;
}

/** The beginning of an answer. */
export interface Answer {
  candidate: Candidate;
  target: Target;
  /** How often providers were asked. */
  attempts: number;
  /** Its body has not been read, unless `body` has it. */
  response: IncomingMessage;
  /** The whole body, of an error that was kept. */
  body?: Buffer;
  /** To be called when the answer has been read, or is not needed any more. */
  release: Release;
}

/** Asks providers, and others where they fail. */
export class Upstreams {
  readonly connections = new Connections();
  readonly #breakers = new WeakMap<Target, Breaker>();
  readonly #queues = new WeakMap<Provider, FairQueue>();

  /**
   * Asks the providers of a chain, one after the other, until one of them
   * answers with something else than that it cannot.
   *
   * @param options.chain - at least one
   * @param options.caller - who waits, where a provider has a limit
   * @param options.affinity - who should meet the same deployment again
   * @param options.pin - the only place to ask, where the request is about something that lives there
   * @param options.once - asks one provider one time, for what must not be done twice
   * @param options.prepare - makes the request to a candidate
   * @param options.onAbandoned - told of each provider that is left while it works, whoever answers in the end
   * @returns the first usable answer; or else the last that came
   * @throws UpstreamError or QueueError when none came
   */
  async ask(options: {
    chain: Candidate[];
    caller: string;
    affinity: string;
    client: Client;
    pin?: Pin;
    once?: boolean;
    prepare: (candidate: Candidate) => Prepared | Promise<Prepared>;
    onAbandoned?: (error: UpstreamError, candidate: Candidate) => void;
  }): Promise<Answer> {
    const { caller, affinity, client, pin, once, prepare } = options;
    const chain = chainOf(options);
    let attempts = 0;
    let last: Answer | undefined;
    let failure: unknown;
    for (const [place, candidate] of chain.entries()) {
      const { provider } = candidate;
      const prepared = await prepare(candidate);
      const order = pin
        ? pinnedTargets(provider, pin)
        : orderOf(provider, affinity);
      const repeats = once ? 0 : provider.retries.attempts;
      const isLastCandidate = place === chain.length - 1;
      for (let turn = 0; turn <= repeats; turn++) {
        const target = this.#choose(provider, order, turn);
        if (!target) {
          failure ??= new UpstreamError('connect', 'left out by its breaker');
          break;
        }
        let release: Release;
        try {
          release = await this.#turn(provider, caller, client);
        } catch (error) {
          // Nobody asked the target that was chosen.
          this.#breakerOf(provider, target).abstained();
          if (client.isGone) {
            throw new UpstreamError('gone', error);
          }
          failure = error;
          break;
        }
        attempts++;
        let answer: Answer;
        try {
          const response = await this.connections.send({
            ...prepared,
            isFresh: once,
            target,
            timeouts: provider.timeouts,
            client,
            onDisconnect: provider.onDisconnect,
          });
          answer = { candidate, target, attempts, response, release };
        } catch (error) {
          release();
          this.#note(provider, target, error);
          if (error instanceof UpstreamError) {
            error.attempts = attempts;
            if (error.isAtWork) {
              options.onAbandoned?.(error, candidate);
            }
          }
          if (error instanceof UpstreamError && error.failure === 'gone') {
            throw error;
          }
          failure = error;
          if (error instanceof UpstreamError && error.failure === 'timeout') {
            // It has taken minutes already.
            break;
          }
          continue;
        }
        const status = answer.response.statusCode!;
        this.#note(provider, target, status);
        const isUsable = !OVERLOADED.has(status) && !BROKEN.has(status);
        const mayRepeat = turn < repeats;
        if (isUsable || (isLastCandidate && !mayRepeat)) {
          return answer;
        }
        const waitMs = retryAfterMs(answer.response.headers);
        last = await kept(answer, client);
        const hasOther = order.length > 1 && turn + 1 < order.length;
        if (mayRepeat && !hasOther) {
          const pauseMs = waitMs ?? BACKOFF_MS * 2 ** turn;
          if (pauseMs > provider.retries.maxWaitMs) {
            break;
          }
          await pause(pauseMs, client);
        }
      }
    }
    if (last) {
      return { ...last, attempts };
    }
    throw failure ?? new UpstreamError('connect', 'nobody is left to be asked');
  }

  /** How each provider's targets are, for administrators. */
  status(providers: Provider[]) {
    return providers.map(provider => ({
      provider: provider.name,
      api: provider.api,
      load: this.#queues.get(provider)?.load,
      targets: provider.targets.map(target => ({
        name: target.name,
        weight: target.weight,
        isOpen: this.#breakers.get(target)?.isOpen ?? false,
      })),
    }));
  }

  /** Takes a turn at a provider that takes only so many requests. */
  #turn(
    provider: Provider,
    caller: string,
    client: Client,
  ): Release | Promise<Release> {
    if (!provider.concurrency) {
      return () => {};
    }
    let queue = this.#queues.get(provider);
    if (!queue) {
      queue = new FairQueue(provider.concurrency);
      this.#queues.set(provider, queue);
    }
    return queue.take(caller, listener => client.onGone(listener));
  }

  /** The next target whose breaker lets a request in. */
  #choose(
    provider: Provider,
    order: Target[],
    turn: number,
  ): Target | undefined {
    for (let step = 0; step < order.length; step++) {
      const target = order[(turn + step) % order.length];
      if (this.#breakerOf(provider, target).tryEnter()) {
        return target;
      }
    }
    return undefined;
  }

  #note(provider: Provider, target: Target, outcome: unknown): void {
    const breaker = this.#breakerOf(provider, target);
    if (outcome instanceof UpstreamError) {
      breaker[outcome.failure === 'gone' ? 'abstained' : 'failed']();
    } else if (BROKEN.has(outcome as number)) {
      breaker.failed();
    } else if (OVERLOADED.has(outcome as number)) {
      // It works, and has too much to do: for how long, it says itself.
      breaker.abstained();
    } else {
      breaker.succeeded();
    }
  }

  #breakerOf(provider: Provider, target: Target): Breaker {
    let breaker = this.#breakers.get(target);
    if (!breaker) {
      breaker = new Breaker(provider.breaker);
      this.#breakers.set(target, breaker);
    }
    return breaker;
  }
}

function chainOf(options: {
  chain: Candidate[];
  pin?: Pin;
  once?: boolean;
}): Candidate[] {
  const { chain, pin, once } = options;
  const pinned = pin
    ? chain.filter(({ provider }) => provider.name === pin.provider)
    : chain;
  return once ? pinned.slice(0, 1) : pinned;
}

/** Reads an error to its end, so that the connection is free for the next attempt. */
async function kept(answer: Answer, client: Client): Promise<Answer> {
  const { response, release, candidate } = answer;
  const stop = () => response.destroy();
  const tooLong = setTimeout(stop, candidate.provider.timeouts.idleMs);
  const stay = client.onGone(stop);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_ERROR_BYTES) {
        break;
      }
      chunks.push(chunk);
    }
  } catch {
    // What came of it is told.
  } finally {
    clearTimeout(tooLong);
    stay();
    release();
  }
  const body = Buffer.concat(chunks);
  if (response.headers['content-length'] !== undefined) {
    // It may have been cut.
    response.headers['content-length'] = String(body.length);
  }
  return { ...answer, body, release: () => {} };
}

async function pause(ms: number, client: Client): Promise<void> {
  const abort = new AbortController();
  const stay = client.onGone(() => abort.abort());
  try {
    await sleep(ms, undefined, { signal: abort.signal });
  } catch {
    throw new UpstreamError('gone');
  } finally {
    stay();
  }
}
