import { ServiceUnavailableError } from '@backstage/errors';
import type { AuditRecord } from '@prompt-corner/plugin-mcp-portal-common';
import { DecisionRecords } from '..';

/** An audit trail in memory, which a test can switch off. */
export function memoryTrail() {
  const records: AuditRecord[] = [];
  const trail = {
    isAvailable: true,
    /** Without a warning before: the next record fails. */
    failsNext: false,
    assertAvailable() {
      if (!trail.isAvailable) {
        throw new ServiceUnavailableError('There is no audit trail');
      }
    },
    async append(record: AuditRecord) {
      trail.assertAvailable();
      if (trail.failsNext) {
        trail.failsNext = false;
        throw new ServiceUnavailableError('The audit trail is gone');
      }
      records.push(record);
    },
  };
  return { trail, records, decisions: new DecisionRecords({ trail }) };
}
