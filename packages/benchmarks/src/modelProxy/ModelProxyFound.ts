import type { ContenderName } from './contenders/Contender';
import type { Latency } from './measure/measureLatency';
import type { Throughput } from './measure/measureThroughput';

/** What one run found. */
export interface ModelProxyFound {
  contenders: Array<{ name: ContenderName; version?: string }>;
  /** Those that the machine could not run. */
  skipped: Array<{ name: ContenderName; reason: string }>;
  latency: Latency[];
  throughput: Throughput[];
  /** Of the processes between client and provider, in MiB: when they had started, and after the last request. */
  memory: Array<{
    contender: ContenderName;
    startMib: number;
    endMib: number;
  }>;
}
