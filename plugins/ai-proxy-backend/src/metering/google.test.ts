import { meter, meterFile, meterUntil, tokens } from './__testUtils__/answers';

const FORMAT = 'google-generate';

const GENERATED = tokens({
  inputTokens: 552,
  cacheReadTokens: 2_048,
  outputTokens: 91,
  reasoningTokens: 60,
});

describe('usage of Gemini', () => {
  it.each([
    ['events with CRLF', 'google/stream.sse'],
    ['an array', 'google/stream-array.json'],
    ['one object', 'google/generate.json'],
  ])('keeps the last numbers of %s', (_, file) => {
    expect(meterFile(FORMAT, file)).toMatchObject({
      tokens: GENERATED,
      source: 'provider',
      model: 'gemini-3.8-flash',
      responseId: 'r1ZxaK',
      stopReason: 'STOP',
      toolRequests: { webSearch: 2 },
    });
  });

  it('names the service tier as prices do', () => {
    expect(meterFile(FORMAT, 'google/generate.json').serviceTier).toBe(
      'priority',
    );
    expect(meterFile(FORMAT, 'google/stream.sse').serviceTier).toBeUndefined();
  });

  it('keeps what a chunk told when the stream is cut, or more where more text passed', () => {
    expect(
      meterUntil(
        FORMAT,
        'google/stream.sse',
        'data: {"candidates":[{"content":{"parts":[{"text":"ist',
      ),
    ).toMatchObject({
      source: 'partial',
      tokens: { inputTokens: 2_100, outputTokens: 64, reasoningTokens: 60 },
    });
  });

  it('keeps a number that a later chunk leaves out', () => {
    const chunks = [
      {
        promptTokenCount: 9,
        cachedContentTokenCount: 4,
        thoughtsTokenCount: 3,
      },
      { promptTokenCount: 9, candidatesTokenCount: 5 },
    ].map(usageMetadata => ({
      candidates: [{ finishReason: 'STOP' }],
      usageMetadata,
    }));

    expect(meter(FORMAT, [Buffer.from(JSON.stringify(chunks))]).tokens).toEqual(
      tokens({
        inputTokens: 5,
        cacheReadTokens: 4,
        outputTokens: 8,
        reasoningTokens: 3,
      }),
    );
  });

  it('charges the prompt that was blocked', () => {
    expect(meterFile(FORMAT, 'google/blocked.json')).toMatchObject({
      tokens: tokens({ inputTokens: 40 }),
      source: 'provider',
      stopReason: 'PROHIBITED_CONTENT',
    });
  });

  it('counts nothing for an error, in an array too', () => {
    expect(meterFile(FORMAT, 'google/stream-error.json')).toMatchObject({
      source: 'none',
      errorInStream: {
        type: 'RESOURCE_EXHAUSTED',
        message: 'You exceeded your current quota.',
      },
    });
  });

  it('estimates embeddings from the request, unless they tell', () => {
    expect(meterFile('google-embed', 'google/embed.json')).toMatchObject({
      tokens: tokens({ inputTokens: 1_234 }),
      source: 'estimated',
    });
    expect(meterFile('google-embed', 'google/embed-usage.json')).toMatchObject({
      tokens: tokens({ inputTokens: 17 }),
      source: 'provider',
    });
  });

  it('takes an array without its end for cut', () => {
    expect(meter(FORMAT, [Buffer.from('[{"candidates":[]}')]).source).toBe(
      'estimated',
    );
  });
});
