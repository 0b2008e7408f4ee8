import {
  isInputRequiredResult,
  ProtocolError,
  Result,
  ServerContext,
  StandardSchemaV1,
} from '@modelcontextprotocol/server';
import { CallAction, CallRound, digestOf, PortalCalls } from '../calls';
import type {
  CallStep,
  PausedCalls,
  Question,
  RequestState,
  RequestStates,
} from '../sessions';
import { clientOf, listenersOf, metaOf } from './callOf';
import type { PortalRequest } from './PortalRequest';

/** Under which a question of a server stands in an `input_required` result. */
const QUESTION = 'question';

/** People answer these. */
const QUESTION_TIMEOUT_MS = 10 * 60_000;

/** What a client answers is the server's business. */
const ANY_RESULT: StandardSchemaV1<Result> = {
  '~standard': {
    version: 1,
    vendor: 'prompt-corner',
    validate: value => ({ value: value as Result }),
  },
};

/** With what calls of clients are made. */
export interface CallThroughParts {
  calls: PortalCalls;
  paused: PausedCalls;
  states: RequestStates;
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
  const state = sealed ? await parts.states.open(sealed, owner()) : undefined;
  let approvalId = state?.approvalId;

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
      round: roundOf(state, ctx),
      traceId: request.traceId,
      signal,
      onQuestion: caller.kind === 'anonymous' ? undefined : onQuestion,
      ...listenersOf(request, ctx),
    });
    approvalId = answer.approvalId ?? approvalId;
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
    return isInputRequiredResult(result)
      ? {
          ...result,
          requestState: parts.states.seal(
            { upstream: result.requestState, approvalId },
            owner(),
          ),
        }
      : result;
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

/** A client may answer without having been asked: it knows the server. */
function roundOf(
  state: RequestState | undefined,
  ctx: ServerContext,
): CallRound | undefined {
  const { inputResponses } = ctx.mcpReq;
  return state || inputResponses
    ? {
        inputResponses,
        upstreamState: state?.upstream,
        approvalId: state?.approvalId,
      }
    : undefined;
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
