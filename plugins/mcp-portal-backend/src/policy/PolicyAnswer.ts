import type { PolicyDecision } from '@prompt-corner/plugin-mcp-portal-common';
import type { PolicyAttributes } from './attributes';

/** A decision, what it was made of, and by which set of policies. */
export interface PolicyAnswer extends PolicyDecision {
  /** What policies could read, without values of arguments: for the audit record, and to try other policies on it. */
  attributes: PolicyAttributes;
  /** `sha256:` and hex, over the set of policies. */
  version: string;
}
