import { createHash } from 'node:crypto';
import type { Result } from '@modelcontextprotocol/client';
import type {
  AuditFinding,
  AuditOutcome,
  AuditRecord,
} from '@prompt-corner/plugin-mcp-portal-common';
import canonicalize from 'canonicalize';
import type { Caller } from '../callers/Caller';
import type { PolicyAnswer } from '../policy';
import type { ViewedDefinition } from '../views';
import { CallRefusal } from './CallRefusal';
import type { CallingClient, PortalCall } from './PortalCall';

/** Of text, about. */
const BYTES_PER_TOKEN = 4;

/** The audit record of a call, while it is made. */
export class CallRecord {
  readonly #started = performance.now();
  readonly #record: AuditRecord;
  readonly #findings: AuditFinding[] = [];

  constructor(call: PortalCall, argumentDigest: string) {
    const { caller, client } = call;
    this.#record = {
      at: new Date().toISOString(),
      action: call.action,
      outcome: 'error',
      caller: recordedCaller(caller, client),
      protocolVersion: client.protocolVersion,
      portal: call.portal.name,
      target: call.target,
      argumentDigest,
      requestBytes: Buffer.byteLength(JSON.stringify(call.arguments)),
      traceId: call.traceId,
      executionId: call.executionId,
    };
  }

  found(target: ViewedDefinition): void {
    Object.assign(this.#record, {
      server: target.server.name,
      target: target.key,
      toolClass: target.toolClass,
      pin: target.pin,
    });
  }

  /** Name of the server; empty before it is known. */
  get server(): string {
    return this.#record.server ?? '';
  }

  get pin(): string | undefined {
    return this.#record.pin;
  }

  get approvalId(): string | undefined {
    return this.#record.approvalId;
  }

  decided(answer: PolicyAnswer): void {
    this.#record.decision = {
      effect: answer.effect,
      policies: answer.policies,
    };
    this.#record.policyAttributes = { ...answer.attributes };
  }

  /** Adds them up: a server says as much as it likes while it works. */
  inspected(findings: AuditFinding[]): void {
    for (const finding of findings) {
      const known = this.#findings.find(
        ({ detector, action, direction }) =>
          detector === finding.detector &&
          action === finding.action &&
          direction === finding.direction,
      );
      if (known) {
        known.count += finding.count;
      } else {
        this.#findings.push({ ...finding });
      }
    }
  }

  approved(approvalId: string): void {
    this.#record.approvalId = approvalId;
  }

  asked(upstreamDurationMs: number): void {
    this.#record.upstreamDurationMs = round(upstreamDurationMs);
  }

  answered(result: Result): AuditRecord {
    const bytes = Buffer.byteLength(JSON.stringify(result));
    return this.#finish(result.isError === true ? 'tool_error' : 'ok', {
      resultBytes: bytes,
      estimatedResultTokens: Math.ceil(bytes / BYTES_PER_TOKEN),
    });
  }

  failed(error: unknown, cancelled: boolean): AuditRecord {
    if (cancelled) {
      return this.#finish('cancelled', {});
    }
    return error instanceof CallRefusal
      ? this.#finish(error.outcome, {
          stage: error.stage,
          message: error.message,
        })
      : this.#finish('error', {});
  }

  #finish(outcome: AuditOutcome, more: Partial<AuditRecord>): AuditRecord {
    return {
      ...this.#record,
      ...more,
      ...(this.#findings.length && {
        findings: this.#findings.map(finding => ({ ...finding })),
      }),
      outcome,
      durationMs: round(performance.now() - this.#started),
    };
  }
}

/** A caller and its client, as they are recorded. */
export function recordedCaller(
  caller: Caller,
  client: Pick<CallingClient, 'info'>,
): AuditRecord['caller'] {
  return {
    kind: caller.kind,
    uuid: caller.uuid,
    connectionId: caller.connectionId,
    clientId: caller.client.id,
    clientName: client.info?.name ?? caller.client.name,
    clientVersion: client.info?.version,
    address: caller.network.address,
  };
}

/** `sha256:` and hex, over the canonical JSON of arguments. */
export function digestOf(value: unknown): string {
  const digest = createHash('sha256').update(jsonOf(value)).digest('hex');
  return `sha256:${digest}`;
}

/** Halves of surrogate pairs have no canonical JSON (RFC 8785); calls with them are recorded as well. */
function jsonOf(value: unknown): string {
  try {
    return canonicalize(value) ?? 'null';
  } catch {
    return JSON.stringify(value);
  }
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
