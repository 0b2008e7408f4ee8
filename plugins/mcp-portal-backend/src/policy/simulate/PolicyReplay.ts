import { setImmediate } from 'node:timers/promises';
import { ServiceUnavailableError } from '@backstage/errors';
import type {
  AuditRecord,
  PolicyEffect,
} from '@prompt-corner/plugin-mcp-portal-common';
import { recordedValue, type ArgumentValue } from '../arguments';
import type { PolicyAttributes } from '../attributes';
import { NO_ARGUMENTS, type PolicyEngine } from '../PolicyEngine';
import { couldReadArgument, type PortalPolicies } from '../portalPolicies';
import { recordedAttributes } from './recordedAttributes';

const MAX_DIFFERENCES = 500;

/** How long one replay may take. */
const MAX_DURATION_MS = 20_000;

/** How many are decided before others get a turn: some milliseconds. */
const AT_ONCE = 50;

/** A past call that a draft would decide in another way. */
export interface ReplayDifference {
  /** ISO 8601. */
  at: string;
  caller: Pick<AuditRecord['caller'], 'kind' | 'uuid' | 'clientId'>;
  portal: string;
  server?: string;
  target?: string;
  before: PolicyEffect;
  /** `unknown` when it depends on what was not recorded. */
  after: PolicyEffect | 'unknown';
  /** Why. */
  reason: string;
}

/** What a draft would have changed. */
export interface Replay {
  /** Calls that were decided again. */
  decided: number;
  same: number;
  different: number;
  /** Depend on arguments whose values were not recorded, or on attributes of which the record has a part only. */
  unknown: number;
  /** Records of something else, or without what policies need. */
  skipped: number;
  /** The different and the unknown, in the order of the records; the first 500. */
  differences: ReplayDifference[];
  /** When not all records were looked at, or not all differences are here: how to get the rest. */
  more?: string;
}

/** Decides past calls again, by a draft of other policies. */
export class PolicyReplay {
  readonly #engine: PolicyEngine;
  readonly #maxDurationMs: number;
  #isRunning = false;

  /** @param options.maxDurationMs - how long one replay may take. Default: 20 seconds */
  constructor(options: { engine: PolicyEngine; maxDurationMs?: number }) {
    this.#engine = options.engine;
    this.#maxDurationMs = options.maxDurationMs ?? MAX_DURATION_MS;
  }

  /**
   * @param records - of the audit trail, in any order
   * @param options.draft - policies to use instead of those of the configuration
   * @param options.signal - ends it early
   * @throws InputError when the draft is not valid
   * @throws ServiceUnavailableError while another one runs in this process
   */
  async replay(
    records: AsyncIterable<AuditRecord>,
    options: { draft: string; signal?: AbortSignal },
  ): Promise<Replay> {
    if (this.#isRunning) {
      throw new ServiceUnavailableError(
        'Another replay is running. Try again when it has ended, in some seconds',
      );
    }
    const compiled = this.#engine.compileDraft(options.draft);
    this.#isRunning = true;
    try {
      return await this.#replay(records, compiled, options.signal);
    } finally {
      this.#isRunning = false;
      compiled.release();
    }
  }

  async #replay(
    records: AsyncIterable<AuditRecord>,
    compiled: PortalPolicies,
    signal?: AbortSignal,
  ): Promise<Replay> {
    const until = performance.now() + this.#maxDurationMs;
    const replay: Replay = {
      decided: 0,
      same: 0,
      different: 0,
      unknown: 0,
      skipped: 0,
      differences: [],
    };
    for await (const record of records) {
      if (performance.now() > until) {
        replay.more = `Stopped after ${
          this.#maxDurationMs / 1000
        } seconds, before the record of ${
          record.at
        }. Ask again for the rest of the time`;
        return replay;
      }
      signal?.throwIfAborted();
      count(replay, record, compiled);
      if ((replay.decided + replay.skipped) % AT_ONCE === 0) {
        await setImmediate();
      }
    }
    const missing =
      replay.different + replay.unknown - replay.differences.length;
    if (missing > 0) {
      replay.more = `${missing} more calls differ or are unknown. Ask for a shorter time to see them`;
    }
    return replay;
  }
}

function count(
  replay: Replay,
  record: AuditRecord,
  compiled: PortalPolicies,
): void {
  const again = decideRecord(record, compiled);
  if (!again || !record.decision) {
    replay.skipped++;
    return;
  }
  replay.decided++;
  const before = record.decision.effect;
  const { effect: after, reason } = again;
  if (after === before) {
    replay.same++;
    return;
  }
  replay[after === 'unknown' ? 'unknown' : 'different']++;
  if (replay.differences.length < MAX_DIFFERENCES) {
    const { at, portal, server, target } = record;
    const { kind, uuid, clientId } = record.caller;
    replay.differences.push({
      at,
      caller: { kind, uuid, clientId },
      portal,
      server,
      target,
      before,
      after,
      reason,
    });
  }
}

/** What was, or was not, decided about a record. */
interface Again {
  effect: PolicyEffect | 'unknown';
  reason: string;
}

/** @returns undefined when the record is not of something that policies decide */
function decideRecord(
  { policyAttributes }: AuditRecord,
  compiled: PortalPolicies,
): Again | undefined {
  // What policy read was more than a record has, and any of it may matter.
  if (typeof policyAttributes?.omitted === 'string') {
    return {
      effect: 'unknown',
      reason: `The record does not have all that policies read: ${policyAttributes.omitted}`,
    };
  }
  const attributes = recordedAttributes(policyAttributes);
  // Calls whose arguments could not be read were denied before any policy was asked.
  return attributes?.arguments && decideAgain(attributes, compiled);
}

function decideAgain(
  attributes: PolicyAttributes,
  compiled: PortalPolicies,
): Again {
  const values = new Map<string, ArgumentValue>();
  const missing: string[] = [];
  for (const argument of attributes.arguments ?? []) {
    const value = recordedValue(argument);
    if (!value && couldReadArgument(argument.path, compiled.reads)) {
      missing.push(argument.path);
    }
    values.set(argument.path, value ?? { kind: 'other' });
  }
  if (attributes.moreArguments && compiled.reads.unknown) {
    missing.push(`${attributes.moreArguments} more`);
  }
  if (missing.length === 0) {
    return compiled.decide({ attributes, values });
  }
  const asked = { attributes, values: NO_ARGUMENTS };
  const best = compiled.decideBound(asked, 'best');
  const worst = compiled.decideBound(asked, 'worst');
  return best.effect === worst.effect
    ? best
    : {
        effect: 'unknown',
        reason: `Depends on arguments whose values were not recorded: ${missing.join(
          ', ',
        )}. mcpPortal.policy.recordedArguments names those that are`,
      };
}
