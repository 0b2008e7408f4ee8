import type { LoadResult } from './LoadResult';
import type { Revocations } from './revokeSteadily';

/*
 * What the benchmark tells the backend under test to do, below
 * `/api/catalog-mcp`, each with a JSON body. It answers when it is done.
 */

/** Checks the token of the request itself; 204. */
export const CHECK_PATH = '/v1';

/** `POST`: uses every token for the first time. Body: `rate`. Answer: {@link LoadResult}. */
export const FIRST_USES_PATH = '/load/first-uses';

/** `POST`: makes every token known that is not yet. */
export const WARM_UP_PATH = '/load/warm-up';

/** `POST`: uses tokens at random. Body: {@link UsesRequest}. Answer: {@link LoadResult}. */
export const USES_PATH = '/load/uses';

/** `POST`: the same while connections are revoked. Body: {@link RevocationsRequest}. Answer: {@link RevocationsAnswer}. */
export const REVOCATIONS_PATH = '/load/revocations';

/** Body for {@link USES_PATH}. */
export interface UsesRequest {
  /** Checks a second. */
  rate: number;
  seconds: number;
  /** Measure from so long after the first use of the first token. */
  afterMs?: number;
}

/** Body for {@link REVOCATIONS_PATH}. */
export interface RevocationsRequest extends UsesRequest {
  /** A second. */
  revocationRate: number;
  /** Backstage token of an administrator, who revokes. */
  userToken: string;
}

/** Answer of {@link REVOCATIONS_PATH}. */
export interface RevocationsAnswer {
  load: LoadResult;
  revocations: Revocations;
}
