import type { Knex } from 'knex';
import type { StoredKind } from '../wire';
import type { OwnedObject } from './OwnedObject';

/** A row as it is in the database. PostgreSQL gives large numbers as text. */
interface Row {
  provider: string;
  kind: StoredKind;
  id: string;
  principal: string;
  target: string;
  created_at_ms: number | string;
  detail: string;
}

/** Which of somebody's objects to list. */
export interface PageQuery {
  principal: string;
  providers: string[];
  kind: StoredKind;
  order: 'newest' | 'oldest';
  /** Only those behind it, in this order. */
  after?: Pick<OwnedObject, 'createdAtMs' | 'id'>;
  limit: number;
}

const TABLE = 'stored_objects';

/** In one statement; SQLite and PostgreSQL take more. */
const IDS_AT_ONCE = 500;

/** Keeps whose an object is in the database. */
export class OwnershipStore {
  readonly #database: Knex;

  constructor(database: Knex) {
    this.#database = database;
  }

  /**
   * Writes an object down; again, where the same principal has it already.
   *
   * @returns false when somebody else has it
   */
  async write(object: OwnedObject): Promise<boolean> {
    const written = await this.#database(TABLE)
      .insert({
        provider: object.provider,
        kind: object.kind,
        id: object.id,
        principal: object.principal,
        target: object.target,
        created_at_ms: object.createdAtMs,
        detail: JSON.stringify(object.detail),
      })
      .onConflict(['provider', 'kind', 'id'])
      .merge(['target', 'detail'])
      .where(`${TABLE}.principal`, object.principal)
      .returning('id');
    return written.length > 0;
  }

  /** Those that are known, in any order. */
  async find(
    providers: string[],
    kinds: StoredKind[],
    ids: string[],
  ): Promise<OwnedObject[]> {
    const found: OwnedObject[] = [];
    // PostgreSQL has no texts with NUL, and fails for them.
    const possible = ids.filter(id => !id.includes('\0'));
    for (let start = 0; start < possible.length; start += IDS_AT_ONCE) {
      const rows: Row[] = await this.#database(TABLE)
        .whereIn('provider', providers)
        .whereIn('kind', kinds)
        .whereIn('id', possible.slice(start, start + IDS_AT_ONCE));
      found.push(...rows.map(fromRow));
    }
    return found;
  }

  /** One page of what somebody has. */
  async page(query: PageQuery): Promise<OwnedObject[]> {
    const { principal, providers, kind, order, after, limit } = query;
    const direction = order === 'newest' ? 'desc' : 'asc';
    const beyond = order === 'newest' ? '<' : '>';
    const rows: Row[] = await this.#database(TABLE)
      .where({ principal, kind })
      .whereIn('provider', providers)
      .modify(some => {
        if (after) {
          some.andWhere(position =>
            position
              .where('created_at_ms', beyond, after.createdAtMs)
              .orWhere(same =>
                same
                  .where('created_at_ms', after.createdAtMs)
                  .andWhere('id', beyond, after.id),
              ),
          );
        }
      })
      .orderBy([
        { column: 'created_at_ms', order: direction },
        { column: 'id', order: direction },
      ])
      .limit(limit);
    return rows.map(fromRow);
  }

  async delete(provider: string, kind: StoredKind, id: string): Promise<void> {
    await this.#database(TABLE).where({ provider, kind, id }).delete();
  }

  /**
   * Deletes what is older than a time, in milliseconds since the epoch.
   *
   * @returns how many were deleted
   */
  async deleteBefore(
    timeMs: number,
    kinds: { only?: StoredKind; except?: StoredKind },
  ): Promise<number> {
    let total = 0;
    for (;;) {
      const rows: Array<Pick<Row, 'provider' | 'kind' | 'id'>> =
        await this.#database(TABLE)
          .select('provider', 'kind', 'id')
          .where('created_at_ms', '<', timeMs)
          .modify(some => {
            if (kinds.only) {
              some.andWhere('kind', kinds.only);
            }
            if (kinds.except) {
              some.whereNot('kind', kinds.except);
            }
          })
          .limit(IDS_AT_ONCE);
      if (rows.length > 0) {
        await this.#database(TABLE)
          .whereIn(
            ['provider', 'kind', 'id'],
            rows.map(({ provider, kind, id }) => [provider, kind, id]),
          )
          .delete();
      }
      total += rows.length;
      if (rows.length < IDS_AT_ONCE) {
        return total;
      }
    }
  }
}

function fromRow(row: Row): OwnedObject {
  return {
    provider: row.provider,
    kind: row.kind,
    id: row.id,
    principal: row.principal,
    target: row.target,
    createdAtMs: Number(row.created_at_ms),
    detail: JSON.parse(row.detail),
  };
}
