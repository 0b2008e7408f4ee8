import {
  isInputRequiredResult,
  ProtocolError,
  Result,
  ServerContext,
} from '@modelcontextprotocol/server';
import {
  CallAction,
  CallRound,
  CONNECT,
  digestOf,
  PortalCalls,
} from '../calls';
import type {
  CallStep,
  PausedCalls,
  Question,
  RequestState,
  RequestStates,
} from '../sessions';
import { ANY_RESULT } from '../upstreams';
import { clientOf, listenersOf, metaOf } from './callOf';
import type { PortalRequest } from './PortalRequest';

/** Under which a question of a server stands in an `input_required` result. */
const QUESTION = 'question';

/** People answer these. */
const QUESTION_TIMEOUT_MS = 10 * 60_000;

/** What is remembered of a round that ended with questions. */
interface RoundState extends RequestState {
  /** Of the definition that was called. */
  pin?: string;
  /** Keys of the questions. */
  asked?: string[];
}

/** With what calls of clients are made. */
export interface CallThroughParts {
  calls: PortalCalls;
  paused: PausedCalls;
  states: RequestStates;
  /** Waits until a user has connected a server, for a moment at most. */
  connected: (requestId: string, signal: AbortSignal) => Promise<void>;
}

/**
 * Makes a call that a client asked for, in either era of the protocol: the
 * questions of a server are asked on the response (2025-11-25 and older), or end
 * it, to be answered by the next request (2026-07-28).
 */
export async function callThrough(
  parts: CallThroughParts,
  request: PortalRequest,
  ctx: ServerContext,
  what: {
    action: CallAction;
    target: string;
    arguments: Record<string, unknown>;
  },
): Promise<Result> {
  const { caller, portal, session } = request;
  /** To whom the state of a call belongs; most calls have none. */
  const owner = () => ({
    callerUuid: caller.uuid,
    portal: portal.name,
    method: what.action,
    target: what.target,
    argumentDigest: digestOf(what.arguments),
  });
  const sealed = ctx.mcpReq.requestState<string>();
  const state: RoundState | undefined = sealed
    ? await parts.states.open(sealed, owner())
    : undefined;
  const round = roundOf(state, ctx);
  if (state?.connectRequestId && !round?.declinedToConnect) {
    // Clients come back as soon as the user has opened the page.
    await parts.connected(state.connectRequestId, ctx.mcpReq.signal);
  }
  let approvalId = state?.approvalId;
  let connectRequestId: string | undefined;
  let pin: string | undefined;

  const make = async (
    onQuestion: (question: Question) => Promise<Result>,
    signal: AbortSignal,
  ) => {
    const answer = await parts.calls.call({
      ...what,
      caller,
      portal,
      client: clientOf(request, ctx),
      meta: metaOf(request, ctx),
      round,
      traceId: request.traceId,
      signal,
      gone: request.gone,
      onQuestion: caller.kind === 'anonymous' ? undefined : onQuestion,
      ...listenersOf(request, ctx),
    });
    approvalId = answer.approvalId ?? approvalId;
    connectRequestId = answer.connectRequestId;
    pin = answer.pin;
    return answer.result;
  };

  if (session) {
    const ask = (question: Question) =>
      ctx.mcpReq.send(question, ANY_RESULT, { timeout: QUESTION_TIMEOUT_MS });
    return withState(await make(ask, ctx.mcpReq.signal));
  }
  const step = state?.paused
    ? await parts.paused.resume(
        caller.uuid,
        state.paused,
        answerOf(ctx),
        ctx.mcpReq.signal,
      )
    : await parts.paused.start(caller.uuid, make, ctx.mcpReq.signal);
  return step.kind === 'question'
    ? asInputRequired(step)
    : withState(step.result);

  function withState(result: Result): Result {
    if (!isInputRequiredResult(result)) {
      return result;
    }
    const remembered: RoundState = {
      upstream: result.requestState,
      approvalId,
      connectRequestId,
      pin,
      asked: Object.keys(result.inputRequests ?? {}),
    };
    return { ...result, requestState: parts.states.seal(remembered, owner()) };
  }

  function asInputRequired(question: CallStep & { kind: 'question' }): Result {
    return {
      resultType: 'input_required',
      inputRequests: { [QUESTION]: question.question },
      requestState: parts.states.seal(
        { paused: { id: question.id, question: question.number } },
        owner(),
      ),
    };
  }
}

/** What nobody has asked is left out, and what the portal has asked is not for the server. */
function roundOf(
  state: RoundState | undefined,
  ctx: ServerContext,
): CallRound | undefined {
  if (!state) {
    return undefined;
  }
  const { [CONNECT]: connecting, ...answers } = ctx.mcpReq.inputResponses ?? {};
  const { action } = (connecting ?? {}) as { action?: unknown };
  const asked = new Set(state.asked);
  const wanted = Object.entries(answers).filter(([key]) => asked.has(key));
  return {
    inputResponses: wanted.length ? Object.fromEntries(wanted) : undefined,
    upstreamState: state.upstream,
    pin: state.pin,
    approvalId: state.approvalId,
    declinedToConnect: action === 'decline' || action === 'cancel',
  };
}

function answerOf(ctx: ServerContext): unknown {
  const answer = ctx.mcpReq.inputResponses?.[QUESTION];
  if (answer === undefined) {
    throw new ProtocolError(
      -32602,
      `inputResponses has to answer "${QUESTION}"`,
    );
  }
  return answer;
}
