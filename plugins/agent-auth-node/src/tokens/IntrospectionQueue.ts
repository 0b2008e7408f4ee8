import { ServiceUnavailableError } from '@backstage/errors';
import type { AgentAuthBackend } from '../internal/AgentAuthBackend';
import { MAX_INTROSPECTED_HASHES, TokenFacts } from '../internal/protocol';
import { readTokenFacts } from '../internal/readTokenFacts';
import type { Timings } from './timings';

/** Questions that have not been sent yet. Ten requests hold them all. */
const MAX_WAITING = 10_000;

/** One that agent-auth is slow to answer leaves room for others. */
const MAX_REQUESTS = 4;

/** For how long questions are collected while a request is under way: most take less. */
const COLLECT_MS = 20;

/** What agent-auth said of a token. */
export interface Introspection {
  /** Undefined for a token that is unknown, expired or revoked. */
  facts: TokenFacts | undefined;
  /** Sequence number of the latest revocation before the answer. */
  sequence: number;
  /** When it was asked, as in `performance.now()`. */
  askedAt: number;
}

interface Question {
  hash: string;
  backend: AgentAuthBackend;
  deadline: NodeJS.Timeout;
  resolve(introspection: Introspection): void;
  reject(error: unknown): void;
}

/**
 * Collects questions about tokens, so that many new callers cost agent-auth
 * few requests. While none is under way, those of one turn of the event loop go
 * together. While one is, questions are collected until it is answered, until
 * they fill a request, or for 20 ms, and go with the next of up to four
 * requests at once.
 *
 * Nobody waits longer than a request may take, however many have asked before:
 * up to 2,000 wait for their turn, and who comes then is refused at once.
 */
export class IntrospectionQueue {
  readonly #timeoutMs: number;
  /** Asked and not answered, by hash. */
  readonly #answers = new Map<string, Promise<Introspection>>();
  /** Not sent, by hash, in the order in which they came. */
  readonly #waiting = new Map<string, Question>();
  #requests = 0;
  #soon: NodeJS.Immediate | undefined;
  #later: NodeJS.Timeout | undefined;

  constructor(options: { timings: Timings }) {
    this.#timeoutMs = options.timings.timeoutMs;
  }

  /**
   * Asks what a token stands for. A token that is being asked for is not asked for again.
   *
   * @param backend - may be used for the questions of others too
   * @throws ServiceUnavailableError when agent-auth does not answer in time, or too many wait for it
   */
  async ask(hash: string, backend: AgentAuthBackend): Promise<Introspection> {
    const asked = this.#answers.get(hash);
    if (asked) {
      return asked;
    }
    if (this.#waiting.size >= MAX_WAITING) {
      throw new ServiceUnavailableError(
        'Too many unknown tokens at once. Try again shortly',
      );
    }
    const answer = this.#wait(hash, backend);
    this.#answers.set(hash, answer);
    this.#plan();
    try {
      return await answer;
    } finally {
      this.#answers.delete(hash);
    }
  }

  #wait(hash: string, backend: AgentAuthBackend): Promise<Introspection> {
    return new Promise((resolve, reject) => {
      // From now on, not from when it is sent: it is now that the caller begins to wait.
      const deadline = setTimeout(() => {
        this.#waiting.delete(hash);
        reject(late());
      }, this.#timeoutMs).unref();
      this.#waiting.set(hash, { hash, backend, deadline, resolve, reject });
    });
  }

  #plan(): void {
    if (this.#waiting.size === 0 || this.#requests >= MAX_REQUESTS) {
      return;
    }
    if (this.#requests === 0 || this.#waiting.size >= MAX_INTROSPECTED_HASHES) {
      // Not a microtask: by then only one of the requests that have just come in would have been read.
      this.#soon ??= setImmediate(() => this.#send());
      return;
    }
    this.#later ??= setTimeout(() => this.#send(), COLLECT_MS);
  }

  #send(): void {
    clearImmediate(this.#soon);
    clearTimeout(this.#later);
    this.#soon = undefined;
    this.#later = undefined;
    if (this.#waiting.size === 0 || this.#requests >= MAX_REQUESTS) {
      return;
    }
    const questions = [...this.#waiting.values()].slice(
      0,
      MAX_INTROSPECTED_HASHES,
    );
    questions.forEach(({ hash }) => this.#waiting.delete(hash));
    this.#requests++;
    this.#askTogether(questions)
      .catch(error => questions.forEach(({ reject }) => reject(error)))
      .finally(() => {
        questions.forEach(({ deadline }) => clearTimeout(deadline));
        this.#requests--;
        this.#plan();
      });
    this.#plan();
  }

  async #askTogether(questions: Question[]): Promise<void> {
    const askedAt = performance.now();
    const { items, last } = await questions[0].backend.introspect(
      questions.map(({ hash }) => hash),
    );
    questions.forEach(({ hash, resolve, reject }, index) => {
      const item = items[index];
      const facts = item === null ? undefined : readTokenFacts(item, hash);
      if (item === null || facts) {
        resolve({ facts, sequence: last, askedAt });
        return;
      }
      reject(isUnavailable(item) ? unavailable() : unexpected());
    });
  }
}

function isUnavailable(item: unknown): boolean {
  return (item as { unavailable?: unknown } | undefined)?.unavailable === true;
}

function late(): ServiceUnavailableError {
  return new ServiceUnavailableError(
    'The agent-auth plugin does not answer in time. Try again shortly',
  );
}

function unavailable(): ServiceUnavailableError {
  return new ServiceUnavailableError(
    'The agent-auth plugin cannot look up the user of this token just now. Try again shortly',
  );
}

function unexpected(): ServiceUnavailableError {
  return new ServiceUnavailableError(
    'The agent-auth plugin described a token in an unexpected form. Check that the agent-auth packages are of the same release',
  );
}
