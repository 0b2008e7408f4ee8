import { randomUUID } from 'node:crypto';
import {
  ProtocolError,
  ProtocolErrorCode,
  Result,
} from '@modelcontextprotocol/client';
import type { ClientMessages } from './ClientMessages';

/** A person may have to answer. */
const ANSWER_MS = 10 * 60_000;

/** For a replica to take what arrived at another one. */
const TAKEN_MS = 5_000;

/** Longer than any call may take. */
const OUTCOME_MS = 10 * 60_000;

/** A question of a server to the client. */
export interface Question {
  method: string;
  params?: Record<string, unknown>;
}

/** Where a call stands that may ask the client something. */
export type CallStep =
  | { kind: 'result'; result: Result }
  | { kind: 'question'; id: string; number: number; question: Question };

/** What travels between replicas. */
type Outcome =
  | { kind: 'result'; result: Result }
  | { kind: 'error'; code: number; message: string; data?: unknown }
  | { kind: 'question'; number: number; question: Question };

/** Makes a call that may ask something. */
export type MakeCall = (
  ask: (question: Question) => Promise<Result>,
  signal: AbortSignal,
) => Promise<Result>;

/**
 * Calls of servers of an older protocol revision, which ask in the middle of a
 * call, for clients of the newer one, which are asked by ending the request and
 * call again with the answer. In between the call goes on here, and the client
 * may come back to any replica.
 */
export class PausedCalls {
  readonly #messages: ClientMessages;

  constructor(options: { messages: ClientMessages }) {
    this.#messages = options.messages;
  }

  /**
   * Makes a call, up to its first question.
   *
   * @param owner - UUID of the caller, who alone can answer
   * @param signal - of the request: ends the call as long as nothing was asked
   */
  async start(
    owner: string,
    make: MakeCall,
    signal: AbortSignal,
  ): Promise<CallStep> {
    const id = randomUUID();
    const end = new AbortController();
    const endWithRequest = () => end.abort(signal.reason);
    signal.addEventListener('abort', endWithRequest, { once: true });
    return new Promise((resolve, reject) => {
      let asked = 0;
      const ask = async (question: Question) => {
        signal.removeEventListener('abort', endWithRequest);
        const number = ++asked;
        const answer = this.#messages.wait(
          { session: owner, subject: `answer:${id}:${number}` },
          AbortSignal.any([end.signal, AbortSignal.timeout(ANSWER_MS)]),
        );
        if (number === 1) {
          resolve({ kind: 'question', id, number, question });
        } else {
          await this.#publish(owner, id, number - 1, {
            kind: 'question',
            number,
            question,
          });
        }
        return (await answer) as Result;
      };
      make(ask, end.signal).then(
        result =>
          asked
            ? this.#publish(owner, id, asked, { kind: 'result', result })
            : resolve({ kind: 'result', result }),
        error =>
          asked
            ? this.#publish(owner, id, asked, errorOutcome(error))
            : reject(error),
      );
    });
  }

  /**
   * Answers a question, and goes on to the next one or to the result.
   *
   * @throws ProtocolError what the call ended with, or that it is over: the
   *   replica that made it may have ended
   */
  async resume(
    owner: string,
    paused: { id: string; question: number },
    answer: unknown,
    signal: AbortSignal,
  ): Promise<CallStep> {
    const { id, question } = paused;
    const deadline = AbortSignal.timeout(OUTCOME_MS);
    const lost = new AbortController();
    const outcome = this.#messages.wait(
      { session: owner, subject: `outcome:${id}:${question}` },
      AbortSignal.any([signal, deadline, lost.signal]),
    ) as Promise<Outcome>;
    const address = { session: owner, subject: `answer:${id}:${question}` };
    let look: NodeJS.Timeout | undefined;
    let step: Outcome;
    try {
      await this.#messages.deliver(address, answer);
      look = setTimeout(async () => {
        // Taken back, it reaches no replica that was only slow. The database may be away: nobody knows.
        if (await this.#messages.takeBack(address).catch(() => false)) {
          lost.abort(callEnded());
        }
      }, TAKEN_MS);
      step = await outcome;
    } finally {
      clearTimeout(look);
    }
    if (step.kind === 'error') {
      throw new ProtocolError(step.code, step.message, step.data);
    }
    return step.kind === 'question' ? { ...step, id } : step;
  }

  async #publish(
    owner: string,
    id: string,
    question: number,
    outcome: Outcome,
  ): Promise<void> {
    await this.#messages.deliver(
      { session: owner, subject: `outcome:${id}:${question}` },
      outcome,
    );
  }
}

function errorOutcome(error: unknown): Outcome {
  return error instanceof ProtocolError
    ? {
        kind: 'error',
        code: error.code,
        message: error.message,
        data: error.data,
      }
    : errorOutcome(callEnded());
}

function callEnded(): ProtocolError {
  return new ProtocolError(
    ProtocolErrorCode.InternalError,
    'The call ended while it waited for you; make it again',
  );
}
