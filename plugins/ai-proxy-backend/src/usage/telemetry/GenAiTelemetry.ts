import type { MetricsService } from '@backstage/backend-plugin-api/alpha';
import type {
  ApiName,
  UsageEvent,
  WireFormat,
} from '@prompt-corner/plugin-ai-proxy-common';
import { BoundedNames } from './BoundedNames';
import type { UsageTelemetry } from './UsageTelemetry';

/** As the conventions recommend them. */
const SECONDS_OF_OPERATIONS = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48,
  40.96, 81.92,
];
const SECONDS_TO_FIRST_TOKEN = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5,
  7.5, 10,
];
const TOKENS = [
  1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576,
  4_194_304, 16_777_216, 67_108_864,
];
const SECONDS_OF_BATCHES = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30,
];

/** Far more than an organisation has in use. */
const MAX_MODELS = 500;

/** `gen_ai.provider.name`, which says whose API it is; a compatible one has the provider's name in the configuration. */
const PROVIDERS: Partial<Record<ApiName, string>> = {
  anthropic: 'anthropic',
  openai: 'openai',
  'google-ai-studio': 'gcp.gemini',
};

/** `gen_ai.operation.name`. */
const OPERATIONS: Record<WireFormat, string> = {
  'anthropic-messages': 'chat',
  'openai-chat': 'chat',
  'openai-responses': 'chat',
  'openai-completions': 'text_completion',
  'openai-embeddings': 'embeddings',
  'google-generate': 'generate_content',
  'google-embed': 'embeddings',
};

type Attributes = Record<string, string>;

/**
 * Makes measurements of requests. No attribute says who asked: that is what the
 * database is for, and each combination of attributes is a time series.
 *
 * @see https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-metrics.md
 */
export class GenAiTelemetry implements UsageTelemetry {
  readonly #metrics: MetricsService;
  readonly #tokens;
  readonly #operations;
  readonly #requests;
  readonly #firstToken;
  readonly #tokensByClass;
  readonly #cost;
  readonly #batches;
  readonly #lost;
  readonly #detections;
  readonly #models = new BoundedNames(MAX_MODELS);

  constructor(options: { metrics: MetricsService }) {
    const { metrics } = options;
    this.#metrics = metrics;
    const seconds = (name: string, description: string, bounds: number[]) =>
      metrics.createHistogram<Attributes>(name, {
        description,
        unit: 's',
        advice: { explicitBucketBoundaries: bounds },
      });
    this.#tokens = metrics.createHistogram<Attributes>(
      'gen_ai.client.token.usage',
      {
        description: 'Tokens of a request, those of caches among the input',
        unit: '{token}',
        advice: { explicitBucketBoundaries: TOKENS },
      },
    );
    this.#operations = seconds(
      'gen_ai.client.operation.duration',
      'Time of a request for which a provider was asked, with all attempts',
      SECONDS_OF_OPERATIONS,
    );
    this.#requests = seconds(
      'gen_ai.server.request.duration',
      'Time of a request to the proxy, until the end of the answer',
      SECONDS_OF_OPERATIONS,
    );
    this.#firstToken = seconds(
      'gen_ai.server.time_to_first_token',
      'Time to the first byte of an answer that succeeds',
      SECONDS_TO_FIRST_TOKEN,
    );
    this.#tokensByClass = metrics.createCounter<Attributes>(
      'ai_proxy.usage.tokens',
      {
        description: 'Tokens, by the classes that providers charge',
        unit: '{token}',
      },
    );
    this.#cost = metrics.createCounter<Attributes>('ai_proxy.usage.cost', {
      description: 'What requests cost, where the model has a price',
      unit: '{USD}',
    });
    this.#batches = metrics.createHistogram<{ outcome: 'ok' | 'error' }>(
      'ai_proxy.usage.batch.duration',
      {
        description: 'Time to store a batch of usage events',
        unit: 's',
        advice: { explicitBucketBoundaries: SECONDS_OF_BATCHES },
      },
    );
    this.#detections = metrics.createCounter<Attributes>(
      'ai_proxy.guardrails.requests',
      { description: 'Requests in which a guardrail found something' },
    );
    this.#lost = metrics.createCounter('ai_proxy.usage.lost_events', {
      description: 'Usage events that are in no table',
    });
  }

  observeQueue(depth: () => number): void {
    this.#metrics
      .createObservableGauge('ai_proxy.usage.queue_depth', {
        description: 'Usage events that wait for the database',
      })
      .addCallback(result => result.observe(depth()));
  }

  recordEvent(event: UsageEvent): void {
    const attributes = this.#attributesOf(event);
    const { tokens, timeToFirstByteMs, outcome } = event;
    const failure = errorTypeOf(event);
    const timed = failure
      ? { ...attributes, 'error.type': failure }
      : attributes;
    this.#requests.record(event.latencyMs / 1000, timed);
    for (const detector of event.detectors ?? []) {
      this.#detections.add(1, { 'ai_proxy.detector': detector });
    }
    if (event.attempts > 0) {
      this.#operations.record(event.latencyMs / 1000, timed);
    }
    if (timeToFirstByteMs !== undefined && outcome === 'ok') {
      this.#firstToken.record(timeToFirstByteMs / 1000, attributes);
    }
    // What the proxy answers from its cache costs no tokens.
    if (event.usageSource === 'none' || outcome === 'cached') {
      return;
    }
    const classes = {
      input: tokens.inputTokens,
      cache_read: tokens.cacheReadTokens,
      cache_write_5m: tokens.cacheWrite5mTokens,
      cache_write_1h: tokens.cacheWrite1hTokens,
      output: tokens.outputTokens,
    };
    const { output, ...inputs } = classes;
    const input = Object.values(inputs).reduce((sum, count) => sum + count, 0);
    for (const [type, count] of Object.entries({ input, output })) {
      this.#tokens.record(count, { ...attributes, 'gen_ai.token.type': type });
    }
    for (const [name, count] of Object.entries(classes)) {
      if (count > 0) {
        this.#tokensByClass.add(count, {
          ...attributes,
          'ai_proxy.token.class': name,
        });
      }
    }
    if (event.costNanoUsd) {
      this.#cost.add(event.costNanoUsd / 1e9, attributes);
    }
  }

  recordBatch(durationMs: number, outcome: 'ok' | 'error'): void {
    this.#batches.record(durationMs / 1000, { outcome });
  }

  recordLost(count: number): void {
    this.#lost.add(count);
  }

  /** Models only where a provider may have them: before, it is any name that a client thought of. */
  #attributesOf(event: UsageEvent): Attributes {
    const { api, operation, provider, model, requestedModel, outcome } = event;
    const attributes: Attributes = {
      'gen_ai.operation.name': OPERATIONS[operation as WireFormat] ?? operation,
      'gen_ai.provider.name': PROVIDERS[api] ?? provider ?? api,
    };
    if (provider !== undefined) {
      attributes['ai_proxy.provider'] = provider;
    }
    if (
      outcome !== 'refused' &&
      outcome !== 'rejected' &&
      model !== undefined
    ) {
      attributes['gen_ai.request.model'] = this.#models.of(
        requestedModel ?? model,
      );
      attributes['gen_ai.response.model'] = this.#models.of(model);
    }
    return attributes;
  }
}

/** Few different ones: the id of a policy or budget is left out. */
function errorTypeOf(event: UsageEvent): string | undefined {
  switch (event.outcome) {
    case 'refused':
      return event.refusal?.split(':')[0] || 'refused';
    case 'aborted':
      return 'aborted';
    case 'rejected':
    case 'failed':
      return String(event.status);
    default:
      return undefined;
  }
}
