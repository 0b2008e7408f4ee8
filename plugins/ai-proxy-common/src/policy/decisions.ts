/** What policies say of a request, and which of them said so. @public */
export interface ModelDecision {
  effect: 'permit' | 'deny';
  /** Ids of the policies that decided; empty when nothing permits it. */
  policies: string[];
  /** For people: why, and what to do about it. */
  reason: string;
  /** Evaluation errors of single policies. */
  errors?: string[];
  /** `sha256:` and hex, over the set of policies. */
  version: string;
}
