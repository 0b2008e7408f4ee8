import type { AuditRecord } from '@prompt-corner/plugin-mcp-portal-common';
import type { AuditTrail } from './AuditTrail';

/** What somebody decided, other than on a request that waited for a person. */
export interface Decision
  extends Pick<
    AuditRecord,
    'server' | 'target' | 'toolClass' | 'pin' | 'approvalId'
  > {
  action: 'server' | 'definition' | 'grant' | 'credential';
  /** For people: what was decided. */
  message: string;
  /** Absent when it is about all portals. */
  portal?: string;
}

/** Ten thousand definitions can be approved at once, and no call has to wait behind all of them. */
const AT_ONCE = 200;

/** Who decides by itself; everybody else is a UUID. */
const AUTOMATIC = new Set(['config', 'catalog']);

/** Brings decisions of people, of the configuration and of the catalog into the audit trail. */
export class DecisionRecords {
  readonly #trail: Pick<AuditTrail, 'append' | 'assertAvailable'>;

  constructor(options: {
    trail: Pick<AuditTrail, 'append' | 'assertAvailable'>;
  }) {
    this.#trail = options.trail;
  }

  /**
   * To be asked before anything is decided.
   *
   * @throws ServiceUnavailableError when the record of it would be lost
   */
  assertAvailable(): void {
    this.#trail.assertAvailable();
  }

  /**
   * Records what was decided just now.
   *
   * @param by - UUID of a user, `config` or `catalog`
   * @throws ServiceUnavailableError when a record could not be committed, which is in the log
   *   then; what was decided holds all the same
   */
  async record(by: string, decisions: Decision[]): Promise<void> {
    const caller: AuditRecord['caller'] = AUTOMATIC.has(by)
      ? { kind: 'service', clientId: by }
      : { kind: 'user', uuid: by };
    const at = new Date().toISOString();
    const failures: unknown[] = [];
    for (let start = 0; start < decisions.length; start += AT_ONCE) {
      const results = await Promise.allSettled(
        decisions.slice(start, start + AT_ONCE).map(decision =>
          this.#trail.append({
            ...decision,
            portal: decision.portal ?? '',
            at,
            outcome: 'ok',
            caller,
          }),
        ),
      );
      failures.push(
        ...results.flatMap(result =>
          result.status === 'rejected' ? [result.reason] : [],
        ),
      );
    }
    if (failures.length) {
      throw failures[0];
    }
  }
}
