import type { AuditOutcome } from '@prompt-corner/plugin-mcp-portal-common';

/** Where a call ended that did not get through. Part of the audit record. */
export type CallStage =
  | 'view'
  | 'scope'
  | 'policy'
  | 'arguments'
  | 'guardrails.arguments'
  | 'approval'
  | 'rate-limit'
  | 'credential'
  | 'upstream'
  | 'guardrails.result';

/** A stage does not let a call through. The message is for the model, and says what to do. */
export class CallRefusal extends Error {
  override name = 'CallRefusal';
  readonly stage: CallStage;
  readonly outcome: AuditOutcome;
  /** Where a person decides on the call, when it waits for that. */
  readonly waitsAt?: string;

  constructor(
    stage: CallStage,
    message: string,
    options?: { outcome?: AuditOutcome; waitsAt?: string; cause?: unknown },
  ) {
    super(message, { cause: options?.cause });
    this.stage = stage;
    this.outcome = options?.outcome ?? 'denied';
    this.waitsAt = options?.waitsAt;
  }
}
