import type { TestProxy } from '../../stored/__testUtils__/startStored';

/** A request of a batch of Anthropic's. */
export function entry(customId: string, changes: object = {}, text = 'Hello') {
  return {
    custom_id: customId,
    params: {
      model: 'claude-x',
      max_tokens: 100,
      messages: [{ role: 'user', content: text }],
      ...changes,
    },
  };
}

/** A line of its results. */
export function succeeded(customId: string, input = 10, output = 5) {
  return {
    custom_id: customId,
    result: {
      type: 'succeeded',
      message: {
        id: 'msg_1',
        type: 'message',
        model: 'claude-x-20260101',
        content: [{ type: 'text', text: 'é"\n' }],
        usage: { input_tokens: input, output_tokens: output },
      },
    },
  };
}

/** A line of a file for a batch of OpenAI's. */
export function line(
  customId: string,
  changes: object = {},
  body: object = {},
) {
  return JSON.stringify({
    custom_id: customId,
    method: 'POST',
    url: '/v1/responses',
    body: { model: 'gpt-x', input: 'Hello', max_output_tokens: 50, ...body },
    ...changes,
  });
}

/** A line of its results. */
export function answered(customId: string, input = 10, output = 5) {
  return {
    id: `batch_req_${customId}`,
    custom_id: customId,
    response: {
      status_code: 200,
      body: {
        id: 'resp_1',
        object: 'response',
        status: 'completed',
        model: 'gpt-x',
        output: [],
        usage: { input_tokens: input, output_tokens: output },
      },
    },
    error: null,
  };
}

/** What a proxy of these tests has besides. */
export const CONFIG = {
  guardrails: {
    topics: [{ id: 'zeus', rule: 'deny', words: ['zeus'] }],
    actions: [{ detector: 'topic.zeus', action: 'block' }],
  },
  batches: { collectAfter: { hours: 24 }, giveUpAfter: { days: 3 } },
};

/** Usage of the requests in batches. */
export function counted(...replicas: TestProxy[]) {
  return replicas
    .flatMap(({ events }) => events)
    .filter(
      ({ operation }) => operation !== 'batches' && operation !== 'files',
    );
}

/** Why a batch was refused, of which then nothing was sent. */
export async function refusalOf(
  proxy: TestProxy,
  response: Response,
): Promise<string> {
  expect(proxy.provider.asked).toHaveLength(0);
  expect(proxy.reservations).toHaveLength(0);
  const { error } = await response.json();
  return `${response.status} ${error.message}`;
}

/** Counting follows the answer. */
export async function untilCounted(
  proxy: TestProxy,
  batches: number,
): Promise<void> {
  const done = () =>
    proxy.database('model_batches').whereNotNull('counted_at_ms').select('id');
  while ((await done()).length < batches) {
    await new Promise(resolve => setImmediate(resolve));
  }
}
