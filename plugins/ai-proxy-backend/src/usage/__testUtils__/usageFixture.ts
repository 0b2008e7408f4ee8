import { resolvePackagePath } from '@backstage/backend-plugin-api';
import type { UsageEvent } from '@prompt-corner/plugin-ai-proxy-common';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import type { UsageConfig } from '../config';
import { DatabaseUsageStore, storableEvent } from '../store';

export const ADA = '00000000-0000-4000-8000-00000000000a';
export const BOB = '00000000-0000-4000-8000-00000000000b';
export const CY = '00000000-0000-4000-8000-00000000000c';

export const SETTINGS: UsageConfig = {
  retentionDays: 30,
  rollupRetentionDays: 400,
  maxQueuedEvents: 1_000,
};

export const NO_TOKENS = {
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
};

/** A request of Ada for a model. */
export function eventOf(changes: Partial<UsageEvent> = {}): UsageEvent {
  return {
    id: randomUUID(),
    at: '2026-11-21T08:15:00.000Z',
    principal: ADA,
    principalKind: 'user',
    teams: ['group:default/payments', 'group:default/engineering'],
    client: 'opencode',
    connectionId: '00000000-0000-4000-8000-0000000000c0',
    api: 'anthropic',
    provider: 'anthropic',
    operation: 'anthropic-messages',
    requestedModel: 'sonnet',
    model: 'claude-sonnet-4-5',
    streaming: true,
    outcome: 'ok',
    status: 200,
    attempts: 1,
    tokens: {
      ...NO_TOKENS,
      inputTokens: 100,
      cacheReadTokens: 300,
      outputTokens: 50,
      reasoningTokens: 20,
    },
    usageSource: 'provider',
    costNanoUsd: 1_000,
    undiscountedNanoUsd: 4_000,
    latencyMs: 2_000,
    timeToFirstByteMs: 400,
    ...changes,
  };
}

/** Makes the tables of usage, which know nothing of those of other folders. */
export async function makeTables(database: Knex): Promise<void> {
  await database.migrate.latest({
    directory: resolvePackagePath(
      '@prompt-corner/plugin-ai-proxy-backend',
      'migrations',
    ),
  });
}

/** Stores events in a database that may be shared. */
export async function storeEvents(
  database: Knex,
  events: UsageEvent[],
): Promise<number> {
  return new DatabaseUsageStore({ database }).write(events.map(storableEvent));
}
