import type {
  ApiName,
  RequestOutcome,
  UsageEvent,
  UsageSource,
} from '@prompt-corner/plugin-ai-proxy-common';
import type { Knex } from 'knex';
import { SERIES_COLUMNS, SeriesColumn } from '../store';
import { EventPlace, readCursor, writeCursor } from './cursors';

/** At a time in memory. */
const PAGE_EVENTS = 1_000;

/** In one export: some hundred megabytes. */
export const MAX_EXPORTED_EVENTS = 500_000;

/** Which events. */
export interface ExportRange {
  from: Date;
  to: Date;
  /** UUID. Default: everybody. */
  principal?: string;
  /** Where an earlier export ended. */
  after?: string;
}

/** An export that can be read. */
export interface PlannedExport {
  /** Where the next one has to go on, when these are too many events for one. */
  next?: string;
  /** Events in the order of their times, a page of them at a time. */
  pages(): AsyncGenerator<UsageEvent[]>;
}

interface ExportedRow extends Record<SeriesColumn, string> {
  id: string;
  at: Date | number | string;
  principal: string;
  team_set_text: string;
  connection_id: string;
  session: string | null;
  requested_model: string | null;
  streaming: boolean | number;
  status: number;
  attempts: number;
  input_tokens: string | number;
  cache_read_tokens: string | number;
  cache_write_5m_tokens: string | number;
  cache_write_1h_tokens: string | number;
  output_tokens: string | number;
  reasoning_tokens: string | number;
  usage_source: string;
  cost_nano_usd: string | number | null;
  undiscounted_nano_usd: string | number | null;
  latency_ms: string | number;
  first_byte_ms: string | number | null;
  detectors: string | null;
}

/** Reads single events. Between two pages it holds nothing of the database, however slow the reader is. */
export class UsageExport {
  readonly #database: Knex;
  readonly #maxEvents: number;

  constructor(options: {
    database: Knex;
    /** Default: half a million. */
    maxEvents?: number;
  }) {
    this.#database = options.database;
    this.#maxEvents = options.maxEvents ?? MAX_EXPORTED_EVENTS;
  }

  /**
   * Finds out where an export ends, before it begins.
   *
   * @throws InputError when `after` is not where an export ended
   */
  async plan(range: ExportRange): Promise<PlannedExport> {
    const after =
      range.after === undefined ? undefined : readCursor(range.after);
    const [last, more]: Array<Pick<ExportedRow, 'at' | 'id'>> =
      await this.#events(range, after)
        .select('at', 'id')
        .offset(this.#maxEvents - 1)
        .limit(2);
    const end = more && placeOf(last);
    return {
      next: end && writeCursor(end),
      pages: () => this.#pages(range, after, end),
    };
  }

  async *#pages(
    range: ExportRange,
    after: EventPlace | undefined,
    end: EventPlace | undefined,
  ): AsyncGenerator<UsageEvent[]> {
    let place = after;
    for (;;) {
      const query = this.#events(range, place)
        .join('usage_series as s', 's.series', 'e.series')
        .select('e.*', ...SERIES_COLUMNS.map(column => `s.${column}`))
        .select(this.#database.raw(teamSetText('e')))
        .limit(PAGE_EVENTS);
      if (end) {
        query.andWhereRaw('(e.at, e.id) <= (?, ?)', [end.at, end.id]);
      }
      const rows: ExportedRow[] = await query;
      const teams = await this.#teamsOf(rows);
      yield rows.map(row => toEvent(row, teams.get(row.team_set_text)));
      if (rows.length < PAGE_EVENTS) {
        return;
      }
      place = placeOf(rows.at(-1)!);
    }
  }

  #events(range: ExportRange, after: EventPlace | undefined) {
    const query = this.#database('usage_events as e')
      .where('e.at', '>=', range.from)
      .andWhere('e.at', '<', range.to)
      .orderBy(['e.at', 'e.id']);
    if (range.principal !== undefined) {
      query.andWhere('e.principal', range.principal);
    }
    if (after) {
      query
        // Says to the indexes where to begin.
        .andWhere('e.at', '>=', after.at)
        .andWhereRaw('(e.at, e.id) > (?, ?)', [after.at, after.id]);
    }
    return query;
  }

  async #teamsOf(rows: ExportedRow[]): Promise<Map<string, string[]>> {
    const teamSets = [...new Set(rows.map(row => row.team_set_text))];
    const members: Array<{ team_set_text: string; team: string }> =
      await this.#database('usage_team_sets as t')
        .select('team', this.#database.raw(teamSetText('t')))
        .whereIn('team_set', teamSets)
        .orderBy('team');
    const teams = new Map<string, string[]>();
    for (const { team_set_text: key, team } of members) {
      teams.set(key, [...(teams.get(key) ?? []), team]);
    }
    return teams;
  }
}

/** As text: it has more digits than numbers of JavaScript. */
function teamSetText(table: string): string {
  return `cast(${table}.team_set as varchar(20)) as team_set_text`;
}

function placeOf(row: Pick<ExportedRow, 'at' | 'id'>): EventPlace {
  return { at: new Date(row.at), id: row.id };
}

/** Without what it does not have. */
function toEvent(row: ExportedRow, teams: string[] = []): UsageEvent {
  return {
    id: row.id,
    at: new Date(row.at).toISOString(),
    principal: row.principal,
    principalKind: row.principal_kind as UsageEvent['principalKind'],
    teams,
    ...(row.component && { component: row.component }),
    ...(row.system && { system: row.system }),
    ...(row.domain && { domain: row.domain }),
    client: row.client,
    connectionId: row.connection_id,
    ...(row.session && { session: row.session }),
    api: row.api as ApiName,
    ...(row.provider && { provider: row.provider }),
    ...(row.deployment && { deployment: row.deployment }),
    operation: row.operation,
    ...(row.requested_model && { requestedModel: row.requested_model }),
    ...(row.model && { model: row.model }),
    streaming: Boolean(row.streaming),
    outcome: row.outcome as RequestOutcome,
    status: row.status,
    ...(row.refusal && { refusal: row.refusal }),
    ...(row.detectors && { detectors: row.detectors.split(' ') }),
    attempts: row.attempts,
    tokens: {
      inputTokens: Number(row.input_tokens),
      cacheReadTokens: Number(row.cache_read_tokens),
      cacheWrite5mTokens: Number(row.cache_write_5m_tokens),
      cacheWrite1hTokens: Number(row.cache_write_1h_tokens),
      outputTokens: Number(row.output_tokens),
      reasoningTokens: Number(row.reasoning_tokens),
    },
    usageSource: row.usage_source as UsageSource,
    ...(row.service_tier && { serviceTier: row.service_tier }),
    costNanoUsd: numberOrNull(row.cost_nano_usd),
    undiscountedNanoUsd: numberOrNull(row.undiscounted_nano_usd),
    latencyMs: Number(row.latency_ms),
    ...(row.first_byte_ms !== null && {
      timeToFirstByteMs: Number(row.first_byte_ms),
    }),
  };
}

function numberOrNull(value: string | number | null): number | null {
  return value === null ? null : Number(value);
}
