import { AsyncResource } from 'node:async_hooks';
import {
  CallContext,
  CallRecord,
  CallSummary,
  CallTool,
  CodeMode,
  Execution,
  Replay,
  SearchRequest,
} from '@prompt-corner/code-mode';
import type { CallAnswer } from '../calls';
import { Suspension, WaitingCall } from './Suspension';
import { WaitBudget } from './WaitBudget';

/** Kept for going on later. With more, a call that waits for a person fails in the code. */
const MAX_KEPT_CHARACTERS = 10_000_000;

/** How a call of code is made. */
export interface CallOptions {
  signal: AbortSignal;
  /** Aborted when the request has waited long enough. */
  waitNoLonger: AbortSignal;
  /** Told when it begins to wait for a person; returns what is to be told when it waits no more. */
  onWait: () => () => void;
}

/** What is run, and for whom. */
export interface Snippet {
  code: string;
  /** What it sees. */
  scope: Pick<SearchRequest, 'tools' | 'namespace' | 'document'>;
  /** UUID of the caller. */
  principal: string;
  makeCall(
    tool: string,
    args: Record<string, unknown>,
    options: CallOptions,
  ): Promise<CallAnswer>;
  /** What code gets of an answer, or has to catch. */
  valueOf(answer: CallAnswer): unknown;
  /** For how long calls wait for people, all together. */
  waitMs: number;
  /** Whether it may be kept for going on later. If not, a call that waits fails in the code. */
  mayBePaused(): Promise<boolean>;
  /** An earlier part of it, of which nothing is done again. */
  replay?: Replay;
  /** Ends it, and its calls. */
  signal: AbortSignal;
  /** Aborted when the client has lost its connection. */
  gone?: AbortSignal;
}

/** What came of it. */
export interface RunSnippet {
  execution: Execution;
  /** What it waits for; empty when it is over. */
  waiting: WaitingCall[];
  /** For going on later: all calls with the answers that there are, and what the code saw besides. */
  replay: Replay;
}

/**
 * Runs code whose calls may wait for people: while they do, its clock stands
 * still; when they wait for longer than the request, it is suspended.
 *
 * @throws InputError for code that is empty
 * @throws ServiceUnavailableError when there is no sandbox
 */
export async function runSnippet(
  codeMode: CodeMode,
  snippet: Snippet,
): Promise<RunSnippet> {
  const { code, scope, principal, replay, signal, gone } = snippet;
  const suspension = new Suspension();
  const calls = new Map<number, CallRecord>();
  let characters = 0;
  const tooLong = new AbortController();
  const keep = (record: CallRecord) => {
    characters += lengthOf(record) - lengthOf(calls.get(record.number));
    calls.set(record.number, record);
    if (characters > MAX_KEPT_CHARACTERS) {
      suspension.giveUp();
      tooLong.abort();
    }
  };
  replay?.calls.forEach(keep);
  let waits = 0;
  const waitNoLonger = new WaitBudget(
    snippet.waitMs,
    // Who waits for a person needs a sandbox less than who waits for a sandbox.
    () => codeMode.health().waiting > 0,
  );
  const disconnected = new AbortController();
  const endUnlessWaiting = () => {
    if (!waits && !suspension.waiting.length) {
      disconnected.abort();
    }
  };
  gone?.addEventListener('abort', endUnlessWaiting, { once: true });

  const wait = (context: CallContext) => {
    waits++;
    waitNoLonger.begin();
    const resumeClock = context.pauseClock();
    return () => {
      waits--;
      resumeClock();
    };
  };
  const call: CallTool = async (tool, args, context) => {
    suspension.began(context.callNumber);
    // Without its answer: if its tool is gone when the code runs again, calls after
    // it must not be taken for others, and made twice.
    keep(context.unanswered);
    if (gone?.aborted) {
      suspension.ended(context.callNumber);
      // What waited when the client left may have been decided since.
      endUnlessWaiting();
      return aborted(context.signal);
    }
    const answer = await snippet.makeCall(tool, args, {
      signal: context.signal,
      waitNoLonger: waitNoLonger.signal,
      onWait: () => wait(context),
    });
    if (
      answer.waitsAt &&
      (await snippet.mayBePaused()) &&
      !tooLong.signal.aborted
    ) {
      suspension.waits(context.callNumber, { tool, url: answer.waitsAt });
      await Promise.race([
        aborted(context.signal),
        aborted(tooLong.signal).catch(() => {}),
      ]);
    }
    return snippet.valueOf(answer);
  };

  try {
    const execution = await codeMode.execute({
      code,
      ...scope,
      principal,
      replay,
      signal: AbortSignal.any([signal, suspension.signal, disconnected.signal]),
      // Calls arrive as messages of another process: without this, their spans had no parent.
      call: AsyncResource.bind(call),
      onCall: record => {
        keep(record);
        suspension.ended(record.number);
      },
    });
    const isSuspended =
      execution.outcome === 'cancelled' &&
      suspension.signal.aborted &&
      !signal.aborted;
    return {
      execution: { ...execution, calls: withEarlier(execution.calls, replay) },
      replay: {
        calls: [...calls.values()],
        recording: longerOf(execution, replay),
      },
      waiting: isSuspended ? suspension.waiting : [],
    };
  } finally {
    gone?.removeEventListener('abort', endUnlessWaiting);
    waitNoLonger.close();
  }
}

/**
 * All calls of an execution: those before a pause were made, whether the code came
 * to them again or not.
 *
 * @param calls - of the part after the pause
 */
export function withEarlier(
  calls: CallSummary[],
  replay?: Replay,
): CallSummary[] {
  const all = new Map(calls.map(call => [call.number, call]));
  for (const { number, tool, ms, result, error } of replay?.calls ?? []) {
    if (result !== undefined || error) {
      const outcome = error ? 'error' : 'ok';
      all.set(number, { number, tool, ms, outcome, isReplayed: true });
    }
  }
  return [...all.values()].sort((a, b) => a.number - b.number);
}

/**
 * What the code saw. When it was paused again before it came to where it was, that is
 * the beginning only of what it had seen.
 */
function longerOf({ calls, recording }: Execution, replay?: Replay) {
  return replay?.calls.some(({ number }) => number > calls.length)
    ? replay.recording
    : recording;
}

/** Never answers: rejects with the reason. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(signal.reason);
    if (signal.aborted) {
      fail();
    }
    signal.addEventListener('abort', fail, { once: true });
  });
}

function lengthOf(record: CallRecord | undefined): number {
  return record ? record.arguments.length + (record.result?.length ?? 0) : 0;
}
