import type { MetricsService } from '@backstage/backend-plugin-api/alpha';
import { ADA, eventOf, NO_TOKENS } from '../__testUtils__/usageFixture';
import { BoundedNames, OTHER_NAME } from './BoundedNames';
import { GenAiTelemetry } from './GenAiTelemetry';

/** Keeps what is measured, by the name of the instrument. */
function start() {
  const measured = new Map<string, Array<[number, Record<string, string>]>>();
  const instrument = (name: string) => {
    const values: Array<[number, Record<string, string>]> = [];
    measured.set(name, values);
    const keep = (value: number, attributes: Record<string, string> = {}) =>
      values.push([value, attributes]);
    return {
      record: keep,
      add: keep,
      addCallback: (callback: (result: object) => void) =>
        callback({ observe: keep }),
    };
  };
  const telemetry = new GenAiTelemetry({
    metrics: {
      createHistogram: instrument,
      createCounter: instrument,
      createObservableGauge: instrument,
    } as unknown as MetricsService,
  });
  return { telemetry, measured };
}

describe('GenAiTelemetry', () => {
  const attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'anthropic',
    'gen_ai.request.model': 'sonnet',
    'gen_ai.response.model': 'claude-sonnet-4-5',
    'ai_proxy.provider': 'anthropic',
  };

  it('measures a request by the conventions of OpenTelemetry', () => {
    const { telemetry, measured } = start();
    telemetry.recordEvent(eventOf({ costNanoUsd: 2_500_000 }));
    expect(Object.fromEntries(measured)).toEqual({
      'gen_ai.client.token.usage': [
        [400, { ...attributes, 'gen_ai.token.type': 'input' }],
        [50, { ...attributes, 'gen_ai.token.type': 'output' }],
      ],
      'gen_ai.client.operation.duration': [[2, attributes]],
      'gen_ai.server.request.duration': [[2, attributes]],
      'gen_ai.server.time_to_first_token': [[0.4, attributes]],
      'ai_proxy.usage.tokens': [
        [100, { ...attributes, 'ai_proxy.token.class': 'input' }],
        [300, { ...attributes, 'ai_proxy.token.class': 'cache_read' }],
        [50, { ...attributes, 'ai_proxy.token.class': 'output' }],
      ],
      'ai_proxy.usage.cost': [[0.0025, attributes]],
      'ai_proxy.usage.batch.duration': [],
      'ai_proxy.usage.lost_events': [],
      'ai_proxy.guardrails.requests': [],
    });
  });

  it('counts what guardrails found', () => {
    const { telemetry, measured } = start();
    telemetry.recordEvent(eventOf({ detectors: ['personal-data.email'] }));
    expect(measured.get('ai_proxy.guardrails.requests')).toEqual([
      [1, { 'ai_proxy.detector': 'personal-data.email' }],
    ]);
  });

  it('says nothing of who asked', () => {
    const { telemetry, measured } = start();
    telemetry.recordEvent(eventOf({ session: 'session-1' }));
    const text = JSON.stringify([...measured]);
    for (const secret of [ADA, 'session-1', 'group:', 'opencode']) {
      expect(text).not.toContain(secret);
    }
  });

  it('names errors by few words, and no model that may not exist', () => {
    const { telemetry, measured } = start();
    const {
      'gen_ai.request.model': _,
      'gen_ai.response.model': __,
      ...rest
    } = attributes;
    const nothing = { tokens: NO_TOKENS, usageSource: 'none' as const };
    telemetry.recordEvent(
      eventOf({
        ...nothing,
        outcome: 'refused',
        refusal: 'budget:team-month',
        provider: undefined,
        attempts: 0,
        timeToFirstByteMs: undefined,
      }),
    );
    telemetry.recordEvent(
      eventOf({ ...nothing, outcome: 'rejected', status: 404 }),
    );
    telemetry.recordEvent(
      eventOf({ ...nothing, outcome: 'failed', status: 502 }),
    );
    telemetry.recordEvent(eventOf({ outcome: 'aborted', status: 499 }));
    const told = measured
      .get('gen_ai.server.request.duration')!
      .map(([, each]) => each);
    const { 'ai_proxy.provider': ___, ...unasked } = rest;
    expect(told).toEqual([
      { ...unasked, 'error.type': 'budget' },
      { ...rest, 'error.type': '404' },
      { ...attributes, 'error.type': '502' },
      { ...attributes, 'error.type': 'aborted' },
    ]);
    expect(measured.get('gen_ai.client.operation.duration')).toHaveLength(3);
    expect(measured.get('gen_ai.server.time_to_first_token')).toEqual([]);
    expect(measured.get('gen_ai.client.token.usage')).toHaveLength(2);
  });

  it.each([
    ['openai', 'openai-responses', 'chat', 'openai'],
    ['google-ai-studio', 'google-generate', 'generate_content', 'gcp.gemini'],
    ['compat', 'openai-embeddings', 'embeddings', 'vllm'],
    ['compat', 'files', 'files', 'vllm'],
  ] as const)(
    'knows %s and %s as %s of %s',
    (api, operation, name, provider) => {
      const { telemetry, measured } = start();
      telemetry.recordEvent(eventOf({ api, operation, provider: 'vllm' }));
      const [[, told]] = measured.get('gen_ai.server.request.duration')!;
      expect(told).toMatchObject({
        'gen_ai.operation.name': name,
        'gen_ai.provider.name': provider,
      });
    },
  );

  it('watches the queue and the database', () => {
    const { telemetry, measured } = start();
    telemetry.observeQueue(() => 3);
    telemetry.recordBatch(5, 'ok');
    telemetry.recordLost(2);
    expect(measured.get('ai_proxy.usage.queue_depth')).toEqual([[3, {}]]);
    expect(measured.get('ai_proxy.usage.batch.duration')).toEqual([
      [0.005, { outcome: 'ok' }],
    ]);
    expect(measured.get('ai_proxy.usage.lost_events')).toEqual([[2, {}]]);
  });

  it('takes only so many names of models', () => {
    const names = new BoundedNames(2);
    expect(['a', 'b', 'c', 'a'].map(name => names.of(name))).toEqual([
      'a',
      'b',
      OTHER_NAME,
      'a',
    ]);
  });
});
