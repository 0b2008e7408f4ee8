import type { UsageEvent } from '@prompt-corner/plugin-ai-proxy-common';

/** Is told what happens to usage events. */
export interface UsageTelemetry {
  /** @param depth - how many events wait for the database */
  observeQueue(depth: () => number): void;
  recordEvent(event: UsageEvent): void;
  /** A transaction ended. */
  recordBatch(durationMs: number, outcome: 'ok' | 'error'): void;
  /** Events are in no table. */
  recordLost(count: number): void;
}
