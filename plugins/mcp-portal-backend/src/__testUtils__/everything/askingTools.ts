import type { ServerContext } from '@modelcontextprotocol/server';
import { NO_ARGUMENTS, text } from './media';
import {
  Answers,
  Conversation,
  converse,
  form,
  Question,
  sample,
} from './questions';
import { EverythingTool, tellProgress } from './tools';

const NAME = form('What is your name?', { name: { type: 'string' } });
const CONFIRM = form('Please confirm', { ok: { type: 'boolean' } });
const PAGE_PARAMS = {
  mode: 'url',
  message: 'Please sign the order',
  url: 'https://orders.example/sign/17',
};
/** Only the older revision has ids, and needs them. */
const PAGE = {
  legacy: {
    method: 'elicitation/create',
    params: { ...PAGE_PARAMS, elicitationId: '17' },
  },
  modern: { method: 'elicitation/create', params: PAGE_PARAMS },
} as const satisfies Record<string, Question>;
const ROOTS: Question = { method: 'roots/list', params: {} };

/** One default of each primitive type (SEP-1034). */
const DEFAULTS = {
  name: { type: 'string', default: 'John Doe' },
  age: { type: 'integer', default: 30 },
  score: { type: 'number', default: 95.5 },
  status: {
    type: 'string',
    enum: ['active', 'inactive', 'pending'],
    default: 'active',
  },
  verified: { type: 'boolean', default: true },
};

/** Each way to let choose (SEP-1330). */
const CHOICES = {
  untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
  titledSingle: { type: 'string', oneOf: titled('value', 'Option') },
  legacyEnum: {
    type: 'string',
    enum: ['opt1', 'opt2', 'opt3'],
    enumNames: ['Option One', 'Option Two', 'Option Three'],
  },
  untitledMulti: {
    type: 'array',
    minItems: 1,
    maxItems: 3,
    items: { type: 'string', enum: ['option1', 'option2', 'option3'] },
  },
  titledMulti: {
    type: 'array',
    minItems: 1,
    maxItems: 3,
    items: { anyOf: titled('value', 'Choice') },
  },
};

/** Tools that ask the client something before they answer. */
export const askingTools: EverythingTool[] = [
  {
    ...tool('test_sampling', ({ prompt }) => ({
      rounds: [{ sampled: sample(String(prompt)) }],
      answer: ({ sampled }) => said(`LLM response: ${sampled.content?.text}`),
    })),
    inputSchema: {
      type: 'object',
      properties: { prompt: { type: 'string' } },
      required: ['prompt'],
    },
  },
  {
    ...tool('test_elicitation', ({ message }) => ({
      rounds: [
        {
          user: form(String(message), {
            username: { type: 'string', description: "User's response" },
            email: { type: 'string', description: "User's email address" },
          }),
        },
      ],
      answer: ({ user }) => said(`User response: ${described(user)}`),
    })),
    inputSchema: {
      type: 'object',
      properties: { message: { type: 'string' } },
      required: ['message'],
    },
  },
  {
    ...tool('test_url_elicitation'),
    run: (_, ctx, { era }) =>
      converse(
        {
          rounds: [{ page: PAGE[era] }],
          answer: ({ page }) => said(`User response: ${described(page)}`),
        },
        ctx,
        era,
      ),
  },
  tool('test_elicitation_sep1034_defaults', () => ({
    rounds: [{ form: form('Please look through this', DEFAULTS, []) }],
    answer: answers =>
      said(`Elicitation completed: ${described(answers.form)}`),
  })),
  tool('test_elicitation_sep1330_enums', () => ({
    rounds: [{ form: form('Please choose', CHOICES, []) }],
    answer: answers =>
      said(`Elicitation completed: ${described(answers.form)}`),
  })),
  tool('test_input_required_result_elicitation', () => ({
    rounds: [{ user_name: NAME }],
    answer: ({ user_name: user }) => said(`Hello, ${user.content?.name}!`),
  })),
  tool('test_input_required_result_sampling', () => ({
    rounds: [{ capital_question: sample('What is the capital of France?') }],
    answer: ({ capital_question: sampled }) => said(sampled.content?.text),
  })),
  tool('test_input_required_result_list_roots', () => ({
    rounds: [{ client_roots: ROOTS }],
    answer: ({ client_roots: { roots } }) => said(`${roots?.length} roots`),
  })),
  tool('test_input_required_result_request_state', () => ({
    remembers: true,
    rounds: [{ confirm: CONFIRM }],
    answer: () => said('state-ok'),
  })),
  tool('test_input_required_result_tampered_state', () => ({
    remembers: true,
    rounds: [{ confirm: CONFIRM }],
    answer: () => said('state-ok'),
  })),
  tool('test_input_required_result_multiple_inputs', () => ({
    remembers: true,
    rounds: [
      {
        user_name: NAME,
        greeting: sample('Generate a greeting'),
        client_roots: ROOTS,
      },
    ],
    answer: answers => said(JSON.stringify(answers)),
  })),
  tool(
    'test_input_required_result_multi_round',
    (): Conversation => ({
      remembers: true,
      rounds: [
        {
          step1: form('Step 1: What is your name?', {
            name: { type: 'string' },
          }),
        },
        {
          step2: form('Step 2: What is your favorite color?', {
            color: { type: 'string' },
          }),
        },
      ],
      answer: ({ step1, step2 }) =>
        said(`${step1.content?.name} likes ${step2.content?.color}`),
    }),
  ),
  {
    ...tool('test_input_required_result_capabilities'),
    run: (_, ctx, { era, capabilities }) => {
      const can = capabilities(ctx);
      return converse(
        {
          rounds: [
            {
              ...('elicitation' in can && { user_name: NAME }),
              ...('sampling' in can && { greeting: sample('Say hello') }),
            },
          ],
          answer: answers => said(JSON.stringify(answers)),
        },
        ctx,
        era,
      );
    },
  },
  {
    ...tool(
      'test_streaming_elicitation',
      () => ({
        rounds: [{ user_name: NAME }],
        answer: ({ user_name: user }) => said(`Hello, ${user.content?.name}!`),
      }),
      ctx => tellProgress(ctx, 10),
    ),
  },
];

/** What is asked depends on the client: see `run`. */
const NOTHING: Conversation = { rounds: [], answer: () => said('') };

/** A prompt asks in the same way. */
export const PROMPT_CONVERSATION: Conversation = {
  rounds: [
    {
      user_context: form('What context should the prompt use?', {
        context: { type: 'string' },
      }),
    },
  ],
  answer: ({ user_context: user }) => ({
    messages: [
      { role: 'user', content: text(`Context: ${user.content?.context}`) },
    ],
  }),
};

function tool(
  name: string,
  conversation: (args: Record<string, unknown>) => Conversation = () => NOTHING,
  before?: (ctx: ServerContext) => Promise<void>,
): EverythingTool {
  return {
    name,
    description: 'Asks the client first',
    inputSchema: NO_ARGUMENTS,
    run: async (args, ctx, { era }) => {
      await before?.(ctx);
      return converse(conversation(args), ctx, era);
    },
  };
}

function titled(value: string, title: string) {
  return ['First', 'Second', 'Third'].map((ordinal, index) => ({
    const: `${value}${index + 1}`,
    title: `${ordinal} ${title}`,
  }));
}

function said(value: string) {
  return { content: [text(value)] };
}

function described({ action, content }: Answers[string]): string {
  return `action=${action}, content=${JSON.stringify(content ?? {})}`;
}
