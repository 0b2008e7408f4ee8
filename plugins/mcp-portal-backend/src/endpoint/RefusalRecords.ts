import type {
  AuditAction,
  AuditRecord,
} from '@prompt-corner/plugin-mcp-portal-common';
import { AuditTrail, RefusalThrottle } from '../audit';
import { recordedCaller } from '../calls';
import type { Caller } from '../callers/Caller';
import type { Portal } from '../portals';
import type { ViewedTool } from '../views';

/** What is asked of a portal, and recorded under its own name. */
const ACTIONS = new Set<unknown>([
  'tools/list',
  'tools/call',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'completion/complete',
] satisfies AuditAction[]);

/** Who was refused, where and why. */
export interface Refusal {
  caller: Caller;
  portal: Portal;
  /** For people. */
  message: string;
  traceId?: string;
}

/**
 * Records callers that a portal knows and refuses before anything of it is
 * reached. Those whose token is not valid are nobody; agent-auth has them.
 */
export class RefusalRecords {
  readonly #trail: Pick<AuditTrail, 'append'>;
  readonly #throttle = new RefusalThrottle();

  constructor(options: { trail: Pick<AuditTrail, 'append'> }) {
    this.#trail = options.trail;
  }

  /** Somebody whom the portal does not let in; once a minute. @throws ServiceUnavailableError when it cannot be recorded */
  async notAdmitted(refusal: Refusal): Promise<void> {
    await this.#once('admission', 'session', refusal);
  }

  /**
   * Somebody who asks too often; once a minute.
   *
   * @param method - of the request
   * @throws ServiceUnavailableError when it cannot be recorded
   */
  async tooMany(refusal: Refusal, method: unknown): Promise<void> {
    const action = ACTIONS.has(method) ? (method as AuditAction) : 'session';
    await this.#once('rate-limit', action, refusal);
  }

  /** A call that needs a scope that the token does not have. @throws ServiceUnavailableError when it cannot be recorded */
  async beyondScopes(refusal: Refusal, tool: ViewedTool): Promise<void> {
    const { key, pin, server, toolClass } = tool;
    await this.#trail.append({
      ...recordOf('scope', 'tools/call', refusal),
      server: server.name,
      target: key,
      toolClass,
      pin,
    });
  }

  async #once(
    stage: string,
    action: AuditAction,
    refusal: Refusal,
  ): Promise<void> {
    const { caller, portal } = refusal;
    await this.#throttle.once({ stage, portal: portal.name, caller }, () =>
      this.#trail.append(recordOf(stage, action, refusal)),
    );
  }
}

function recordOf(
  stage: string,
  action: AuditAction,
  { caller, portal, message, traceId }: Refusal,
): AuditRecord {
  return {
    at: new Date().toISOString(),
    action,
    outcome: 'denied',
    stage,
    message,
    caller: recordedCaller(caller, {}),
    portal: portal.name,
    traceId,
  };
}
