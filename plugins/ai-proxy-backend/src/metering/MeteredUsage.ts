import type {
  TokenUsage,
  UsageSource,
} from '@prompt-corner/plugin-ai-proxy-common';

/** What an answer says, or lets guess, about the work that was done for it. */
export interface MeteredUsage {
  tokens: TokenUsage;
  source: UsageSource;
  /**
   * As prices name it: `priority`, `flex`, or `fast` for Anthropic's fast mode. Absent
   * where the answer names none.
   */
  serviceTier?: string;
  /** Which the answer says it comes from. */
  model?: string;
  /** Id of the message, completion or response. */
  responseId?: string;
  /** Which the answer tells in its body, after a status of 200 where it had begun. */
  errorInStream?: { type: string; message: string };
  /** Why the model stopped, in the provider's word. */
  stopReason?: string;
  /** How often the provider ran tools of its own, such as `webSearch` and `webFetch`. They cost apart from tokens. */
  toolRequests?: Record<string, number>;
  /** Tokens of other models that took part, and are not in `tokens`; as Anthropic's advisors. */
  otherModels?: Array<{ model: string; tokens: TokenUsage }>;
}
