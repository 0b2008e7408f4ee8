import type { BackendUse } from '../probe/Probe';
import type { Latency } from './measure/measureLatency';
import type { Listing } from './measure/measureLists';
import type { Throughput } from './measure/measureThroughput';

/** What one run found. */
export interface PortalCallsFound {
  latency: Latency[];
  throughput: Throughput[];
  lists: Listing[];
  /** Of the backend, before the first call that is measured and after the last. */
  memory: { before: BackendUse; after: BackendUse };
}
