import { meter, meterFile, meterUntil, tokens } from './__testUtils__/answers';

const ALL_CLASSES = tokens({
  inputTokens: 22,
  cacheReadTokens: 1_920,
  cacheWrite5mTokens: 64,
  outputTokens: 300,
  reasoningTokens: 192,
});

describe('usage of OpenAI Chat Completions', () => {
  const FORMAT = 'openai-chat';

  it.each(['openai/chat-stream.sse', 'openai/chat.json'])(
    'splits the totals of %s; rejected predictions are output',
    file => {
      expect(meterFile(FORMAT, file)).toMatchObject({
        tokens: ALL_CLASSES,
        source: 'provider',
        model: 'gpt-5.6-2026-06-11',
      });
    },
  );

  it('tells service tier, id and why the model stopped', () => {
    expect(meterFile(FORMAT, 'openai/chat-stream.sse')).toMatchObject({
      serviceTier: 'default',
      responseId: 'chatcmpl-C1',
      stopReason: 'tool_calls',
    });
  });

  it.each([
    [
      'openai/chat-stream-moonshot.sse',
      { inputTokens: 132, cacheReadTokens: 768, outputTokens: 3 },
    ],
    ['openai/chat-stream-groq.sse', { inputTokens: 40, outputTokens: 3 }],
    [
      'openai/chat-stream-vllm-continuous.sse',
      { inputTokens: 25, outputTokens: 12 },
    ],
    [
      'openai/chat-deepseek.json',
      { inputTokens: 104, cacheReadTokens: 896, outputTokens: 20 },
    ],
    [
      'openai/chat-litellm-anthropic.json',
      {
        inputTokens: 100,
        cacheReadTokens: 800,
        cacheWrite5mTokens: 300,
        outputTokens: 20,
      },
    ],
    [
      'openai/chat-xai.json',
      {
        inputTokens: 26,
        cacheReadTokens: 6,
        outputTokens: 103,
        reasoningTokens: 94,
      },
    ],
  ])('understands %s', (file, expected) => {
    expect(meterFile(FORMAT, file)).toMatchObject({
      tokens: tokens(expected),
      source: 'provider',
    });
  });

  it('takes older names of totals where the newer ones are there with 0 (New API)', () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 20,
      total_tokens: 120,
      prompt_tokens_details: { cached_tokens: 40 },
      input_tokens: 0,
      output_tokens: 0,
      input_tokens_details: null,
    };

    expect(
      meter(FORMAT, [Buffer.from(JSON.stringify({ usage }))]),
    ).toMatchObject({
      tokens: tokens({
        inputTokens: 60,
        cacheReadTokens: 40,
        outputTokens: 20,
      }),
      source: 'provider',
    });
  });

  it('estimates a stream that was not asked for its usage', () => {
    const usage = meterFile(FORMAT, 'openai/chat-stream-no-usage.sse');

    expect(usage).toMatchObject({
      source: 'estimated',
      tokens: { inputTokens: 1_234 },
      stopReason: 'stop',
    });
    // 18 of o200k.
    expect(usage.tokens.outputTokens).toBeGreaterThanOrEqual(18);
    expect(usage.tokens.outputTokens).toBeLessThanOrEqual(30);
  });

  it('estimates what passed when a stream is cut before its usage', () => {
    const cut = meterUntil(FORMAT, 'openai/chat-stream.sse', '"choices":[]');

    expect(cut).toMatchObject({
      source: 'estimated',
      tokens: { inputTokens: 1_234, reasoningTokens: 0 },
    });
    // Text and tool call: 8 and 10 of o200k.
    expect(cut.tokens.outputTokens).toBeGreaterThanOrEqual(18);
    expect(cut.tokens.outputTokens).toBeLessThanOrEqual(36);
  });

  it('keeps what each chunk told when the stream is cut, and counts reasoning under two names once', () => {
    const cut = meterUntil(
      FORMAT,
      'openai/chat-stream-vllm-continuous.sse',
      '"delta":{"content":"42."}',
    );

    expect(cut).toMatchObject({
      source: 'partial',
      tokens: { inputTokens: 25 },
    });
    expect(cut.tokens.outputTokens).toBeGreaterThanOrEqual(8);
    expect(cut.tokens.outputTokens).toBeLessThan(16);
  });

  it('tells an error after a part of the answer', () => {
    expect(meterFile(FORMAT, 'openai/chat-stream-error.sse')).toMatchObject({
      source: 'estimated',
      errorInStream: { type: 'server_error', message: 'Provider disconnected' },
    });
  });

  it.each([
    [
      '{"error":"model not found"}',
      { type: 'error', message: 'model not found' },
    ],
    [
      '{"object":"error","message":"too long","code":400}',
      { type: 'error', message: 'too long' },
    ],
    ['{"error":{"code":502,"message":"bad"}}', { type: '502', message: 'bad' }],
  ])('understands the error %s', (body, error) => {
    expect(meter(FORMAT, [Buffer.from(body)])).toMatchObject({
      source: 'none',
      tokens: tokens({}),
      errorInStream: error,
    });
  });

  it('takes JSON in answer to a request for a stream', () => {
    expect(meterFile(FORMAT, 'openai/error.json')).toMatchObject({
      source: 'none',
      errorInStream: { type: 'tokens' },
    });
  });

  it.each([
    [{ prompt_tokens: -5, completion_tokens: 'many', total_tokens: null }, {}],
    [{ prompt_tokens: 1e300, completion_tokens: 2 }, { outputTokens: 2 }],
    [
      {
        prompt_tokens: 5,
        completion_tokens: 2,
        prompt_tokens_details: { cached_tokens: 50 },
      },
      { cacheReadTokens: 5, outputTokens: 2 },
    ],
  ])('makes no nonsense of %j', (usage, expected) => {
    expect(
      meter(FORMAT, [Buffer.from(JSON.stringify({ usage }))]).tokens,
    ).toEqual(tokens(expected));
  });
});

describe('usage of OpenAI Responses', () => {
  const FORMAT = 'openai-responses';
  const RESPONSE = tokens({
    inputTokens: 512,
    cacheReadTokens: 4_096,
    cacheWrite5mTokens: 512,
    outputTokens: 260,
    reasoningTokens: 128,
  });

  it.each([
    ['openai/responses-completed.sse', 'priority', 'completed'],
    ['openai/responses-incomplete.sse', 'default', 'max_output_tokens'],
    ['openai/response.json', 'flex', 'completed'],
  ])(
    'takes %s from the response at its end',
    (file, serviceTier, stopReason) => {
      expect(meterFile(FORMAT, file)).toMatchObject({
        tokens: RESPONSE,
        source: 'provider',
        serviceTier,
        stopReason,
        model: 'gpt-6-sol-2026-08-01',
        responseId: 'resp_0a1',
      });
    },
  );

  it('counts searches', () => {
    expect(
      meterFile(FORMAT, 'openai/responses-completed.sse').toolRequests,
    ).toEqual({ webSearch: 2 });
  });

  it('reads the usage of a response that failed', () => {
    expect(meterFile(FORMAT, 'openai/responses-failed.sse')).toMatchObject({
      tokens: tokens({ inputTokens: 5_120 }),
      source: 'provider',
      errorInStream: { type: 'server_error' },
    });
  });

  it('tells an error event, and estimates', () => {
    expect(meterFile(FORMAT, 'openai/responses-error-event.sse')).toMatchObject(
      {
        source: 'estimated',
        tokens: { inputTokens: 1_234 },
        errorInStream: {
          type: 'rate_limit_exceeded',
          message: 'Too many tokens.',
        },
      },
    );
  });

  it('estimates from the deltas when cut, not from what repeats them', () => {
    const cut = meterUntil(
      FORMAT,
      'openai/responses-completed.sse',
      'event: response.completed',
    );

    expect(cut.source).toBe('estimated');
    // 22 of o200k.
    expect(cut.tokens.outputTokens).toBeGreaterThanOrEqual(22);
    expect(cut.tokens.outputTokens).toBeLessThanOrEqual(36);
  });

  it('reads a last event of many megabytes', () => {
    const text = 'All work and no play. "quoted" \\ '.repeat(200_000);
    const event = {
      type: 'response.completed',
      response: {
        output: [{ type: 'message', content: [{ type: 'output_text', text }] }],
        usage: { input_tokens: 3, output_tokens: 1_400_000 },
      },
    };
    const body = Buffer.from(`data: ${JSON.stringify(event)}\n\n`);
    const pieces = Array.from(
      { length: Math.ceil(body.length / 65_536) },
      (_, index) => body.subarray(index * 65_536, (index + 1) * 65_536),
    );

    expect(meter(FORMAT, pieces)).toMatchObject({
      source: 'provider',
      tokens: tokens({ inputTokens: 3, outputTokens: 1_400_000 }),
    });
  });
});

describe('usage of older and smaller OpenAI formats', () => {
  it.each([
    ['openai/completion.json', { inputTokens: 5, outputTokens: 7 }],
    ['openai/completion-stream.sse', { inputTokens: 5, outputTokens: 6 }],
  ])('reads completions: %s', (file, expected) => {
    expect(meterFile('openai-completions', file)).toMatchObject({
      tokens: tokens(expected),
      source: 'provider',
      model: 'starcoder2',
    });
  });

  it('reads embeddings', () => {
    expect(
      meterFile('openai-embeddings', 'openai/embeddings.json'),
    ).toMatchObject({
      tokens: tokens({ inputTokens: 8 }),
      source: 'provider',
      model: 'text-embedding-3-small',
    });
  });

  it('estimates embeddings without usage from the request', () => {
    expect(
      meter('openai-embeddings', [Buffer.from('{"data":[]}')]),
    ).toMatchObject({
      tokens: tokens({ inputTokens: 1_234 }),
      source: 'estimated',
    });
  });
});
