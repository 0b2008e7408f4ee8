import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  ProtocolError,
  ProtocolErrorCode,
  Result,
  ServerContext,
  StandardSchemaV1,
} from '@modelcontextprotocol/server';

/** A question to the client, as either era sends it. */
export interface Question {
  method: 'elicitation/create' | 'sampling/createMessage' | 'roots/list';
  params: Record<string, unknown>;
}

/** Answers of the client, by the keys of the questions. */
export type Answers = Record<string, any>;

/** What has to be asked before there is an answer. */
export interface Conversation {
  /** Each round is asked when the one before it was answered. */
  rounds: Array<Record<string, Question>>;
  /** Whether the server remembers where it was; without, there is one round. */
  remembers?: boolean;
  /** Of all rounds. */
  answer(answers: Answers): object;
}

interface State {
  round: number;
  answers: Answers;
}

const KEY = randomBytes(32);

const ANY_RESULT: StandardSchemaV1<Result> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: value => ({ value: value as Result }),
  },
};

/** Asks for a form to be filled in. */
export function form(
  message: string,
  properties: Record<string, object>,
  required: string[] = Object.keys(properties),
): Question {
  return {
    method: 'elicitation/create',
    params: {
      message,
      requestedSchema: { type: 'object', properties, required },
    },
  };
}

/** Asks for what a model says. */
export function sample(prompt: string): Question {
  return {
    method: 'sampling/createMessage',
    params: {
      messages: [{ role: 'user', content: { type: 'text', text: prompt } }],
      maxTokens: 100,
    },
  };
}

/**
 * Asks the client, in the way of its era: by requests in the middle of this one
 * (2025-11-25 and older), or by ending it (2026-07-28).
 */
export async function converse(
  conversation: Conversation,
  ctx: ServerContext,
  era: 'legacy' | 'modern',
): Promise<object> {
  return era === 'legacy' ? ask(conversation, ctx) : goOn(conversation, ctx);
}

async function ask(
  { rounds, answer }: Conversation,
  ctx: ServerContext,
): Promise<object> {
  const answers: Answers = {};
  for (const round of rounds) {
    for (const [key, question] of Object.entries(round)) {
      answers[key] = await ctx.mcpReq.send(question, ANY_RESULT);
    }
  }
  return answer(answers);
}

function goOn(conversation: Conversation, ctx: ServerContext): object {
  const { rounds, remembers, answer } = conversation;
  const sealed = ctx.mcpReq.requestState<string>();
  const state = sealed ? open(sealed) : { round: 0, answers: {} };
  const asked = Object.keys(rounds[state.round]);
  const given = ctx.mcpReq.inputResponses ?? {};
  const isComplete = asked.every(key => given[key] !== undefined);
  if (!isComplete) {
    return inputRequired(conversation, state, remembers);
  }
  const next = {
    round: state.round + 1,
    answers: {
      ...state.answers,
      ...Object.fromEntries(asked.map(key => [key, given[key]])),
    },
  };
  return next.round < rounds.length
    ? inputRequired(conversation, next, remembers)
    : answer(next.answers);
}

function inputRequired(
  { rounds }: Conversation,
  state: State,
  remembers: boolean | undefined,
): object {
  return {
    resultType: 'input_required',
    inputRequests: rounds[state.round],
    ...(remembers && { requestState: seal(state) }),
  };
}

function seal(state: State): string {
  const data = Buffer.from(JSON.stringify(state)).toString('base64url');
  return `${data}.${macOf(data).toString('base64url')}`;
}

function open(sealed: string): State {
  const [data, mac = ''] = sealed.split('.');
  const expected = macOf(data);
  const actual = Buffer.from(mac, 'base64url');
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) {
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      'The requestState was changed',
    );
  }
  return JSON.parse(Buffer.from(data, 'base64url').toString());
}

function macOf(data: string): Buffer {
  return createHmac('sha256', KEY).update(data).digest();
}
