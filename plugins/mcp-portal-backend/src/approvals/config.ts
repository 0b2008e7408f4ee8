import { Config, readDurationFromConfig } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { durationToMilliseconds } from '@backstage/types';
import type { ApprovalKind } from '@prompt-corner/plugin-mcp-portal-common';

/** The `mcpPortal.approvals` section of the configuration, with defaults. */
export interface ApprovalsConfig {
  /** How long a request of each kind waits for a decision. */
  pendingMs: Record<ApprovalKind, number>;
  /** How soon an approved call has to be made. */
  approvedCallMs: number;
  /** Longest access that can be asked for. */
  maxAccessMs: number;
  /** How many requests of one user or service can wait. */
  maxPending: number;
  /** How long requests are kept after their end. */
  keepMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * Reads the configuration; see `config.d.ts` for what each key means.
 *
 * @throws InputError when a value cannot be used
 */
export function readApprovalsConfig(root: Config): ApprovalsConfig {
  const section = 'mcpPortal.approvals';
  const config = root.getOptionalConfig(section);
  const duration = (key: string, fallback: number) => {
    if (!config?.has(key)) {
      return fallback;
    }
    const value = durationToMilliseconds(
      readDurationFromConfig(config, { key }),
    );
    if (!(value >= 1_000)) {
      throw new InputError(`${section}.${key} has to be 1 second or more`);
    }
    return value;
  };
  const maxPending = config?.getOptionalNumber('maxPending') ?? 50;
  if (!Number.isInteger(maxPending) || maxPending < 1) {
    throw new InputError(
      `${section}.maxPending has to be a whole number, 1 or more`,
    );
  }
  return {
    pendingMs: {
      call: duration('callsWaitFor', 15 * MINUTE_MS),
      access: duration('accessWaitsFor', 14 * DAY_MS),
    },
    approvedCallMs: duration('approvedCallsLast', 15 * MINUTE_MS),
    maxAccessMs: duration('longestAccess', 90 * DAY_MS),
    maxPending,
    keepMs: duration('keepFor', 90 * DAY_MS),
  };
}
