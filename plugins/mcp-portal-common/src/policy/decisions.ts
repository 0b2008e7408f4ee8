/**
 * What policy says of a call:
 *
 * - `permit`: it goes on
 * - `hold`: it goes on when a person has approved it
 * - `deny`: no policy permits it, or one forbids it
 *
 * @public
 */
export type PolicyEffect = 'permit' | 'hold' | 'deny';

/** A decision, and which policies made it. @public */
export interface PolicyDecision {
  effect: PolicyEffect;
  /** Ids of the policies that decided; empty when nothing permits it. */
  policies: string[];
  /** For `hold`: who may approve, such as `group:default/platform-team`, as the policy names it. */
  approvers?: string[];
  /** For people: why, and what to do about it. */
  reason: string;
  /** Evaluation errors of single policies, which then did not count. */
  errors?: string[];
}
