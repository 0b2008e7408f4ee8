import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Knex } from 'knex';
import { CatalogueDocument, parseStored, toStored } from './source';

const TABLE = 'model_catalogue';
const pack = promisify(gzip);
const unpack = promisify(gunzip);

interface CatalogueRow {
  source_digest: string;
  etag: string | null;
  document_digest: string | null;
  document: Buffer | null;
  as_of: Date | number | string | null;
  checked_at: Date | number | string | null;
  failed_at: Date | number | string | null;
  problem: string | null;
}

/** What is stored of a source, without its models. */
export interface StoredCatalogue {
  etag?: string;
  /** Tells whether the models are others than those that are known; absent when there are none. */
  digest?: string;
  /** When the source had them first. */
  asOf?: Date;
  /** When the source was last asked with success. */
  checkedAt?: Date;
  problem?: { at: Date; message: string };
}

/** The last good models of a source, for every replica, and how it went when it was last asked. */
export class CatalogueStore {
  readonly #database: Knex;
  readonly #source: string;

  /** @param options.url - of the source; another one has its own models */
  constructor(options: { database: Knex; url: string }) {
    this.#database = options.database;
    this.#source = sha256(options.url);
  }

  /** What is stored, without the models. */
  async read(): Promise<StoredCatalogue | undefined> {
    const row = await this.#rows().first(
      'etag',
      'document_digest',
      'as_of',
      'checked_at',
      'failed_at',
      'problem',
    );
    return (
      row && {
        etag: row.etag ?? undefined,
        digest: row.document_digest ?? undefined,
        asOf: toDate(row.as_of),
        checkedAt: toDate(row.checked_at),
        problem:
          row.failed_at && row.problem !== null
            ? { at: toDate(row.failed_at)!, message: row.problem }
            : undefined,
      }
    );
  }

  /**
   * The models that are stored.
   *
   * @throws Error when they cannot be read, as another version wrote them
   */
  async readDocument(): Promise<CatalogueDocument | undefined> {
    const row = await this.#rows().first('document');
    return row?.document
      ? parseStored(String(await unpack(row.document)))
      : undefined;
  }

  /** Stores models that the source has now. Those that were stored before are kept as they are when they are the same. */
  async write(
    document: CatalogueDocument,
    options: { etag?: string; at: Date },
  ): Promise<StoredCatalogue> {
    const { etag, at } = options;
    const text = toStored(document);
    const digest = sha256(text);
    const before = await this.read();
    const asOf = before?.digest === digest && before.asOf ? before.asOf : at;
    await this.#upsert({
      etag: etag ?? null,
      document_digest: digest,
      document: await pack(text),
      as_of: asOf,
      checked_at: at,
      failed_at: null,
      problem: null,
    });
    return { etag, digest, asOf, checkedAt: at };
  }

  /** Notes that the source has nothing new. */
  async noteUnchanged(at: Date): Promise<void> {
    await this.#upsert({ checked_at: at, failed_at: null, problem: null });
  }

  /** Notes why the source could not be used. */
  async noteProblem(message: string, at: Date): Promise<void> {
    await this.#upsert({ failed_at: at, problem: message });
  }

  #rows() {
    return this.#database<CatalogueRow>(TABLE).where({
      source_digest: this.#source,
    });
  }

  async #upsert(changes: Partial<CatalogueRow>): Promise<void> {
    await this.#database<CatalogueRow>(TABLE)
      .insert({ source_digest: this.#source, ...changes } as CatalogueRow)
      .onConflict('source_digest')
      .merge(changes);
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function toDate(value: Date | number | string | null): Date | undefined {
  return value === null ? undefined : new Date(value);
}
