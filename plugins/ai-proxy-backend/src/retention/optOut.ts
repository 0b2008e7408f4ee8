import type { WireFormat } from '@prompt-corner/plugin-ai-proxy-common';
import type { JsonDocument } from '../json';
import { Candidate, globs, Provider, Retention } from '../providers';
import { InferenceRequest, isGiven, itemsOf, RefusedError } from '../wire';

/** How a provider's keeping of a model's answers stands, as policies and pages name it. */
export type RetentionState =
  /** Something was agreed with the provider. */
  | 'agreement'
  /** Requests say that they are not to be stored. */
  | 'opted-out'
  /** The API stores nothing for later unless it is told to. */
  | 'unknown';

/** With which OpenAI keeps parts of prompts on disks, for a day. */
const CACHE_RETENTION = 'prompt_cache_retention';

/** Models that can keep them in memory instead. Those since GPT-5.5 refuse that (openai 7.57). */
const CACHED_IN_MEMORY = /(?:^|\/)gpt-(?:4|5(?:\.[0-4])?(?![.\d]))/i;

/** What the Responses API needs so that reasoning goes on without storing. */
const ENCRYPTED_REASONING = 'reasoning.encrypted_content';

const matchers = new WeakMap<Retention, (model: string) => boolean>();

/** Whether requests for a model say that their answers are not to be stored. */
export function optsOut({ retention }: Provider, model: string): boolean {
  if (!retention.optOut) {
    return false;
  }
  let isExcepted = matchers.get(retention);
  if (!isExcepted) {
    isExcepted = globs(retention.except);
    matchers.set(retention, isExcepted);
  }
  return !isExcepted(model);
}

/** How it stands; nothing here says that a provider keeps nothing at all. */
export function retentionOf(provider: Provider, model: string): RetentionState {
  if (provider.retention.agreement !== undefined) {
    return 'agreement';
  }
  return optsOut(provider, model) ? 'opted-out' : 'unknown';
}

/**
 * Refuses what cannot be had without storing.
 *
 * @throws RefusedError
 */
function checkOptOut(request: InferenceRequest): void {
  if (request.background) {
    throw refused(
      'Background responses are stored by the provider, which is switched off here. Send the request without "background"',
    );
  }
  const stored = request.references.find(({ name }) =>
    ['previous_response_id', 'conversation'].includes(name),
  );
  if (stored) {
    throw refused(
      `"${stored.name}" continues what the provider has stored, which is switched off here. Send the whole conversation as "input"`,
    );
  }
}

/**
 * Refuses what a provider of the chain cannot do without storing.
 *
 * @throws RefusedError
 */
export function checkOptOuts(
  chain: Candidate[],
  request: InferenceRequest,
): void {
  if (
    request.format === 'openai-responses' &&
    chain.some(({ provider, model }) => optsOut(provider, model))
  ) {
    checkOptOut(request);
  }
}

/**
 * Says that an answer is not to be stored.
 *
 * @param body - changed where needed
 * @param options.model - as the provider names it
 * @param options.reasons - whether the model reasons
 */
export function optOut(
  format: WireFormat,
  body: JsonDocument,
  options: { model: string; reasons: boolean },
): void {
  const { value } = body;
  if (isGiven(value[CACHE_RETENTION]) && CACHED_IN_MEMORY.test(options.model)) {
    body.set(CACHE_RETENTION, 'in_memory');
  }
  switch (format) {
    case 'openai-responses': {
      if (value.store !== false) {
        body.set('store', false);
        const include = itemsOf(value.include);
        if (options.reasons && !include.includes(ENCRYPTED_REASONING)) {
          body.set('include', [...include, ENCRYPTED_REASONING]);
        }
      }
      break;
    }
    case 'openai-chat':
      if (value.store !== false) {
        body.set('store', false);
      }
      break;
    default:
    // The other APIs store nothing that could be asked for later.
  }
}

function refused(message: string): RefusedError {
  return new RefusedError({ status: 400, reason: 'retention', message });
}
