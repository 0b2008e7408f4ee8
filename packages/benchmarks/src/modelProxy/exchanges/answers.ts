import { BURST_EVENTS, Delivery, PACED_EVENTS } from './Exchange';

const WORDS =
  'The checkout service depends on payments, pricing and the session cache; of these only pricing changed today, and its owners are the team Orbit. '.split(
    / (?=.)/,
  );

const COMMON = {
  id: 'chatcmpl-benchmark',
  created: 1_700_000_000,
  model: 'gpt-5-mini-2025-08-07',
  service_tier: 'default',
  system_fingerprint: 'fp_benchmark',
};

const USAGE = {
  prompt_tokens: 96,
  completion_tokens: 128,
  total_tokens: 224,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
};

/** About 1 kB. */
const JSON_TEXT = WORDS.join(' ').repeat(4).trim();

/** The answer that is one document. */
export function jsonAnswer(): Buffer {
  return Buffer.from(
    JSON.stringify({
      ...COMMON,
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: JSON_TEXT,
            refusal: null,
            annotations: [],
          },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: USAGE,
    }),
  );
}

/**
 * The events of an answer that is streamed, as OpenAI writes them: one for each
 * word, one that says why it ends, and one with the usage. The last has `[DONE]`
 * behind it.
 *
 * @param count - how many
 */
export function streamAnswer(count: number): Buffer[] {
  const event = (fields: object) =>
    `data: ${JSON.stringify({
      ...COMMON,
      object: 'chat.completion.chunk',
      ...fields,
    })}\n\n`;
  const delta = (content: object, reason: string | null) =>
    event({
      choices: [
        { index: 0, delta: content, logprobs: null, finish_reason: reason },
      ],
      usage: null,
    });
  return [
    ...streamedWords(count).map(content => delta({ content }, null)),
    delta({}, 'stop'),
    `${event({ choices: [], usage: USAGE })}data: [DONE]\n\n`,
  ].map(text => Buffer.from(text));
}

/** What a client shows of an answer. */
export function answeredText(delivery: Delivery): string {
  const events: Record<Delivery, number> = {
    json: 0,
    burst: BURST_EVENTS,
    paced: PACED_EVENTS,
  };
  return delivery === 'json'
    ? JSON_TEXT
    : streamedWords(events[delivery]).join('');
}

/**
 * Reads what a client shows from the body of an answer.
 *
 * @throws SyntaxError when it is neither of the two formats
 */
export function readText(delivery: Delivery, body: string): string {
  if (delivery === 'json') {
    return JSON.parse(body).choices[0].message.content;
  }
  return body
    .split('\n\n')
    .filter(event => event.startsWith('data: {'))
    .map(
      event =>
        JSON.parse(event.slice('data: '.length)).choices[0]?.delta.content ??
        '',
    )
    .join('');
}

function streamedWords(events: number): string[] {
  return Array.from(
    { length: events - 2 },
    (_, index) => `${WORDS[index % WORDS.length]} `,
  );
}
