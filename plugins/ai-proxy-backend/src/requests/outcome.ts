import type { UsageEvent } from '@prompt-corner/plugin-ai-proxy-common';
import { AmbiguousJsonError } from '../json';
import { baseModelIds } from '../models';
import type { Candidate } from '../providers';
import { QueueError, UpstreamError } from '../upstream';
import { InferenceRequest, Refusal, RefusedError } from '../wire';
import type { Metered } from './stages';

/**
 * The model that answered: the one that was asked, or one of those to which the provider
 * may fall back, where the answer names it.
 */
export function answeringOf(
  candidate: Candidate,
  { others = [] }: InferenceRequest,
  { model: told }: Pick<Metered, 'model'>,
): Candidate {
  if (others.length === 0 || told === undefined) {
    return candidate;
  }
  const named = [candidate, ...others];
  const toldIds = idsOf(told);
  const answering =
    named.find(({ model }) => idsOf(model)[0] === toldIds[0]) ??
    named.find(({ model }) => idsOf(model).some(id => toldIds.includes(id)));
  return answering ? { ...candidate, model: answering.model } : candidate;
}

/** As which a model is known, in small letters: an answer may name the day of what was asked as the latest. */
function idsOf(model: string): string[] {
  return [model, ...baseModelIds(model)].map(id => id.toLowerCase());
}

/** What came of a request that a provider answered. */
export function outcomeOf(
  status: number,
  how: 'complete' | 'cut' | 'aborted',
  { errorInStream }: Pick<Metered, 'errorInStream'> = {},
): UsageEvent['outcome'] {
  if (how === 'aborted') {
    return 'aborted';
  }
  if (status >= 500 || how === 'cut' || (errorInStream && status < 300)) {
    return 'failed';
  }
  return status >= 400 ? 'rejected' : 'ok';
}

/** What is told of an error. */
export interface Told {
  refusal: Refusal;
  /** What came of the request. */
  outcome: UsageEvent['outcome'];
  isUnexpected?: boolean;
  /** How often providers were asked. */
  attempts?: number;
}

/** What to tell of an error, and what came of the request. */
export function tell(error: unknown): Told {
  if (error instanceof RefusedError) {
    const isGone = error.refusal.status === 499;
    return {
      refusal: error.refusal,
      outcome: isGone ? 'aborted' : 'refused',
    };
  }
  if (error instanceof AmbiguousJsonError) {
    return {
      refusal: { status: 400, reason: 'invalid_json', message: error.message },
      outcome: 'refused',
    };
  }
  if (error instanceof QueueError) {
    return {
      refusal: {
        status: 503,
        reason: 'queue',
        message: `${error.message}. Try again`,
        retryAfterSeconds: 1,
      },
      outcome: 'refused',
    };
  }
  if (error instanceof UpstreamError) {
    const isGone = error.failure === 'gone';
    return {
      refusal: {
        status: { gone: 499, timeout: 504, connect: 502, reset: 502 }[
          error.failure
        ] as 499,
        reason: `provider_${error.failure}`,
        message: `${error.message}. Try again, or another model`,
      },
      outcome: isGone ? 'aborted' : 'failed',
      attempts: error.attempts,
    };
  }
  return {
    refusal: {
      status: 500,
      reason: 'internal',
      message: 'The proxy failed. Its log says why',
    },
    outcome: 'failed',
    isUnexpected: true,
  };
}

/** What is counted of a request that ends with an error. */
export function failureOf(
  { outcome, refusal, attempts = 0 }: Told,
  asked: Pick<InferenceRequest, 'model' | 'streaming'> | undefined,
) {
  return {
    requestedModel: asked?.model,
    streaming: asked?.streaming ?? false,
    outcome,
    status: refusal.status,
    attempts,
    refusal: refusal.reason,
  };
}
