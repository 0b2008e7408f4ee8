/** Something that is about to pass a portal. @public */
export interface GuardedContent {
  /** `argument`: on its way to the server; `result` and `error`: on its way to the model. */
  direction: 'argument' | 'result' | 'error';
  portal: string;
  /** Name of the server. */
  server: string;
  /** The server's own name of the tool or prompt, or the URI of the resource. */
  target: string;
  /**
   * On its way to the server: arguments; `_meta` and `inputResponses`, in a call
   * of its own; or the answer to a question of the server. On its way to the model:
   * the result as MCP has it; a question of the server, with `method` and `params`;
   * or `message` and `data` of an error that is no result. Progress and log messages
   * are not among it. The portal's own guardrails have looked at it already. Not
   * to be changed.
   */
  value: unknown;
}

/** What a guard says. @public */
export interface GuardVerdict {
  /** With `redact`, `value` takes the place of what was inspected. */
  action: 'pass' | 'flag' | 'redact' | 'block';
  value?: unknown;
  /** Of `block`: for the model; without what was found. */
  reason?: string;
  /** What was found, by name of the detector; without what was found. */
  findings?: Array<{ detector: string; count: number }>;
}

/**
 * An inspection of your own, such as the data-loss prevention of your company.
 *
 * @public
 */
export interface CallGuard {
  /** Shown in audit records. */
  id: string;
  /**
   * Looks at what passes. A guard that fails, or takes longer than 10 seconds,
   * blocks.
   */
  inspect(content: GuardedContent): Promise<GuardVerdict>;
}
