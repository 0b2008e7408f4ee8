import type {
  AuditorService,
  AuditorServiceEvent,
} from '@backstage/backend-plugin-api';
import type { JsonObject } from '@backstage/types';
import type { Request } from 'express';

/** What is recorded, and how much it matters. */
const SEVERITY = {
  'consent-approve': 'medium',
  'consent-deny': 'medium',
  'token-issue': 'low',
  'token-refuse': 'medium',
  'token-revoke': 'medium',
  'authorization-refuse': 'low',
  'device-code-refuse': 'medium',
  'token-exchange': 'medium',
  'personal-token-create': 'medium',
  'connection-revoke': 'medium',
  'connections-read': 'medium',
  'principal-resolve': 'medium',
  'client-register': 'high',
  'client-remove': 'high',
  'token-reuse': 'critical',
} as const;

/** Ids of the events in the audit log. */
export type AuditEventId = keyof typeof SEVERITY;

/** Records who connected what, when and to which resource. Never a token. */
export class AuditTrail {
  readonly #auditor: AuditorService;

  constructor(options: { auditor: AuditorService }) {
    this.#auditor = options.auditor;
  }

  /** Records something that happened. */
  async record(
    eventId: AuditEventId,
    meta: JsonObject,
    request?: Request,
  ): Promise<void> {
    const event = await this.#create(eventId, meta, request);
    await event.success();
  }

  /** Records something that was refused. */
  async refusal(
    eventId: AuditEventId,
    meta: JsonObject,
    error: Error,
    request?: Request,
  ): Promise<void> {
    const event = await this.#create(eventId, meta, request);
    await event.fail({ error });
  }

  /** Records the outcome of an action. */
  async around<T>(
    options: { eventId: AuditEventId; meta: JsonObject; request?: Request },
    action: () => Promise<{ result: T; meta?: JsonObject }>,
  ): Promise<T> {
    const event = await this.#create(
      options.eventId,
      options.meta,
      options.request,
    );
    try {
      const { result, meta } = await action();
      await event.success({ meta });
      return result;
    } catch (error) {
      await event.fail({ error: error as Error });
      throw error;
    }
  }

  #create(
    eventId: AuditEventId,
    meta: JsonObject,
    request?: Request,
  ): Promise<AuditorServiceEvent> {
    return this.#auditor.createEvent({
      eventId,
      severityLevel: SEVERITY[eventId],
      meta,
      request,
    });
  }
}
