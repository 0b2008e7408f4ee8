/**
 * What policies say:
 *
 * - `permit`: it goes on
 * - `hold`: it goes on when a person has approved it
 * - `deny`: no policy permits it, or one forbids it
 */
export type Effect = 'permit' | 'hold' | 'deny';

/** A decision, and which policies made it. */
export interface Decision {
  effect: Effect;
  /** Ids of the policies that decided; empty when nothing permits it. */
  policies: string[];
  /** For `hold`: entity refs of those who may approve. */
  approvers?: string[];
  /** For people: why, and what to do about it. */
  reason: string;
  /** Evaluation errors of single policies, which then did not count. */
  errors?: string[];
}
