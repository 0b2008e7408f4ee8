import { Config, readDurationFromConfig } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { durationToMilliseconds } from '@backstage/types';

/**
 * What happens to a call whose record cannot be committed:
 *
 * - `deny`: it fails
 * - `degrade`: it goes on, and its record is in the log only
 */
export type OnAuditFailure = 'deny' | 'degrade';

/** The section `mcpPortal.audit`, with defaults. */
export interface AuditConfig {
  onFailure: OnAuditFailure;
  /** How long a record may take to be committed. */
  commitTimeoutMs: number;
  /** Whole days that records are kept. */
  retentionDays: number;
  /** How much may wait for the database in one replica. */
  maxQueuedRecords: number;
  maxQueuedBytes: number;
}

const DAY_MS = 24 * 60 * 60_000;
const MAX_COMMIT_TIMEOUT_MS = 60_000;

/**
 * Reads `mcpPortal.audit`; see `config.d.ts` for what each key means.
 *
 * @throws InputError that names the key
 */
export function readAuditConfig(root: Config): AuditConfig {
  const config = root.getOptionalConfig('mcpPortal.audit');
  const milliseconds = (key: string, fallback: number) =>
    config?.has(key)
      ? durationToMilliseconds(readDurationFromConfig(config, { key }))
      : fallback;
  const positiveInteger = (key: string, fallback: number) => {
    const value = config?.getOptionalNumber(key) ?? fallback;
    if (!Number.isInteger(value) || value < 1) {
      throw new InputError(
        `mcpPortal.audit.${key} has to be a whole number of at least 1, not ${value}`,
      );
    }
    return value;
  };

  const onFailure = config?.getOptionalString('onFailure') ?? 'deny';
  if (onFailure !== 'deny' && onFailure !== 'degrade') {
    throw new InputError(
      `mcpPortal.audit.onFailure has to be "deny" or "degrade", not "${onFailure}"`,
    );
  }
  const commitTimeoutMs = milliseconds('commitTimeout', 5_000);
  if (!(commitTimeoutMs > 0 && commitTimeoutMs <= MAX_COMMIT_TIMEOUT_MS)) {
    throw new InputError(
      'mcpPortal.audit.commitTimeout has to be between a millisecond and a minute',
    );
  }
  const retentionDays = milliseconds('retention', 400 * DAY_MS) / DAY_MS;
  if (!Number.isInteger(retentionDays) || retentionDays < 1) {
    throw new InputError(
      'mcpPortal.audit.retention has to be whole days, such as { days: 400 }',
    );
  }
  return {
    onFailure,
    commitTimeoutMs,
    retentionDays,
    maxQueuedRecords: positiveInteger('maxQueuedRecords', 10_000),
    maxQueuedBytes: positiveInteger('maxQueuedBytes', 64 * 1024 * 1024),
  };
}
