import { meter, meterFile, meterUntil, tokens } from './__testUtils__/answers';

const FORMAT = 'anthropic-messages';

const events = (...data: object[]) =>
  Buffer.from(data.map(event => `data: ${JSON.stringify(event)}\n\n`).join(''));

describe('usage of Anthropic Messages', () => {
  it('takes the input from the start of a stream and the output from its end', () => {
    expect(meterFile(FORMAT, 'anthropic/stream-caches.sse')).toEqual({
      tokens: tokens({
        inputTokens: 12,
        cacheReadTokens: 20_480,
        cacheWrite5mTokens: 100,
        cacheWrite1hTokens: 3_000,
        outputTokens: 141,
        reasoningTokens: 21,
      }),
      source: 'provider',
      serviceTier: 'standard',
      model: 'claude-sonnet-5-5',
      responseId: 'msg_01Prompt',
      stopReason: 'tool_use',
    });
  });

  it('lets the end correct how the start split the prompt, and adds nothing up', () => {
    expect(meterFile(FORMAT, 'anthropic/stream-qwen.sse').tokens).toEqual(
      tokens({ inputTokens: 512, cacheReadTokens: 9_728, outputTokens: 7 }),
    );
  });

  it('counts what tools of the provider read, and how often they ran', () => {
    expect(
      meterFile(FORMAT, 'anthropic/stream-server-tools.sse'),
    ).toMatchObject({
      tokens: tokens({ inputTokens: 10_682, outputTokens: 510 }),
      source: 'provider',
      toolRequests: { webSearch: 1, webFetch: 2 },
    });
  });

  it('adds a compaction, which the totals leave out, and keeps other models apart', () => {
    expect(meterFile(FORMAT, 'anthropic/stream-compaction.sse')).toMatchObject({
      tokens: tokens({
        inputTokens: 203_000,
        cacheReadTokens: 200,
        cacheWrite5mTokens: 40,
        outputTokens: 4_500,
      }),
      otherModels: [
        {
          model: 'claude-fable-5-1',
          tokens: tokens({ inputTokens: 900, outputTokens: 80 }),
        },
      ],
    });
  });

  it('reads the usage of a message, not that in its text and its tool calls, and knows the fast mode', () => {
    expect(meterFile(FORMAT, 'anthropic/message-fast.json')).toMatchObject({
      tokens: tokens({ inputTokens: 2_095, outputTokens: 503 }),
      source: 'provider',
      serviceTier: 'fast',
      responseId: 'msg_fast',
      stopReason: 'tool_use',
    });
  });

  it('estimates the output of a stream that was cut, and keeps its input', () => {
    const cut = meterUntil(
      FORMAT,
      'anthropic/stream-caches.sse',
      'event: message_delta',
    );

    expect(cut).toMatchObject({
      source: 'partial',
      tokens: {
        inputTokens: 12,
        cacheReadTokens: 20_480,
        cacheWrite5mTokens: 100,
        cacheWrite1hTokens: 3_000,
      },
    });
    // Thought, text and tool call, for which o200k makes 15, 15 and 21.
    expect(cut.tokens.outputTokens).toBeGreaterThanOrEqual(51);
    expect(cut.tokens.outputTokens).toBeLessThan(2 * 51);
  });

  it('keeps the placeholder when it was cut before any text', () => {
    const cut = meterUntil(
      FORMAT,
      'anthropic/stream-caches.sse',
      'event: content_block_delta',
    );

    expect(cut.source).toBe('partial');
    expect(cut.tokens.outputTokens).toBe(1);
  });

  it('estimates the input as well when it was cut before it was told', () => {
    expect(meter(FORMAT, [], 'cut')).toMatchObject({
      source: 'estimated',
      tokens: tokens({ inputTokens: 1_234 }),
    });
  });

  it('is final once the usage at the end was told, even if the last event is missing', () => {
    expect(
      meterUntil(FORMAT, 'anthropic/stream-caches.sse', 'event: message_stop'),
    ).toMatchObject({ source: 'provider', tokens: { outputTokens: 141 } });
  });

  it('takes a stream without its end for cut, whatever the connection says', () => {
    const usage = meter(FORMAT, [
      events({
        type: 'message_start',
        message: { usage: { input_tokens: 9, output_tokens: 1 } },
      }),
    ]);

    expect(usage.source).toBe('partial');
  });

  it('tells an error in the midst of a stream, and estimates what had come', () => {
    const usage = meterFile(FORMAT, 'anthropic/stream-overloaded.sse');

    expect(usage).toMatchObject({
      source: 'partial',
      tokens: { inputTokens: 320 },
      errorInStream: { type: 'overloaded_error', message: 'Overloaded' },
    });
    expect(usage.tokens.outputTokens).toBeGreaterThan(10);
  });

  it('counts nothing for an error', () => {
    expect(meterFile(FORMAT, 'anthropic/error.json')).toMatchObject({
      source: 'none',
      tokens: tokens({}),
      errorInStream: { type: 'rate_limit_error' },
    });
  });

  it.each([
    ['only the total', { cache_creation_input_tokens: 50 }, 50, 0],
    [
      'only the split',
      {
        cache_creation: {
          ephemeral_5m_input_tokens: 20,
          ephemeral_1h_input_tokens: 30,
        },
      },
      20,
      30,
    ],
    [
      'a total above a split for an hour',
      {
        cache_creation_input_tokens: 50,
        cache_creation: {
          ephemeral_5m_input_tokens: 0,
          ephemeral_1h_input_tokens: 30,
        },
      },
      0,
      50,
    ],
    [
      'a total above a split for both',
      {
        cache_creation_input_tokens: 70,
        cache_creation: {
          ephemeral_5m_input_tokens: 20,
          ephemeral_1h_input_tokens: 30,
        },
      },
      40,
      30,
    ],
    [
      'a total below the split',
      {
        cache_creation_input_tokens: 25,
        cache_creation: {
          ephemeral_5m_input_tokens: 20,
          ephemeral_1h_input_tokens: 30,
        },
      },
      0,
      25,
    ],
  ])(
    'splits what was written to the cache, given %s',
    (_, usage, for5m, for1h) => {
      const answer = { usage: { input_tokens: 1, output_tokens: 2, ...usage } };

      expect(
        meter(FORMAT, [Buffer.from(JSON.stringify(answer))]).tokens,
      ).toEqual(
        tokens({
          inputTokens: 1,
          cacheWrite5mTokens: for5m,
          cacheWrite1hTokens: for1h,
          outputTokens: 2,
        }),
      );
    },
  );

  it('keeps the input of the start when the end says 0', () => {
    const usage = meter(FORMAT, [
      events(
        {
          type: 'message_start',
          message: {
            usage: {
              input_tokens: 9,
              cache_read_input_tokens: 90,
              output_tokens: 1,
            },
          },
        },
        {
          type: 'message_delta',
          delta: {},
          usage: {
            input_tokens: 0,
            cache_read_input_tokens: 0,
            output_tokens: 5,
          },
        },
      ),
    ]);

    expect(usage.tokens).toEqual(
      tokens({ inputTokens: 9, cacheReadTokens: 90, outputTokens: 5 }),
    );
  });

  it('believes an output of 0', () => {
    const usage = meter(FORMAT, [
      events(
        {
          type: 'message_start',
          message: { usage: { input_tokens: 9, output_tokens: 1 } },
        },
        {
          type: 'message_delta',
          delta: { stop_reason: 'refusal' },
          usage: { output_tokens: 0 },
        },
      ),
    ]);

    expect(usage).toMatchObject({
      tokens: tokens({ inputTokens: 9 }),
      source: 'provider',
      stopReason: 'refusal',
    });
  });
});
