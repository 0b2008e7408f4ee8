import type {
  AuditExportTrailer,
  AuditHead,
  StoredAuditRecord,
} from '@prompt-corner/plugin-mcp-portal-common';
import { InputError } from '@backstage/errors';
import type { AuditQueries } from './AuditQueries';
import type { ChainId, ChainStore } from './AuditStore';
import { readRecordId, RecordPlace } from './cursors';

/** At a time in memory. */
const PAGE_RECORDS = 500;

/** Reads whole days of records, chain by chain, to be kept elsewhere. */
export class AuditExport {
  readonly #store: ChainStore;
  readonly #queries: AuditQueries;

  constructor(options: { store: ChainStore; queries: AuditQueries }) {
    this.#store = options.store;
    this.#queries = options.queries;
  }

  /**
   * Exports the records of some UTC days (`YYYY-MM-DD`, inclusive) in the order of
   * their chains. What is written meanwhile may or may not be in it.
   *
   * @param range - `after` is the id of the last record of an export that broke off
   * @returns records, a page of them at a time; and the trailer, alone, at the end
   * @throws InputError when `after` is no id of a record of these days
   */
  async *pages(range: {
    from: string;
    to: string;
    after?: string;
  }): AsyncGenerator<Array<StoredAuditRecord | AuditExportTrailer>> {
    const { from, to } = range;
    let resumed = await this.#placeOf(range);
    const heads: AuditHead[] = [];
    let count = 0;

    let id = await this.#store.nextChainId({ from, to });
    for (; id; id = await this.#store.nextChainId({ from, to, after: id })) {
      const { day, writer } = id;
      const chain = await this.#store.findChain(id);
      if (chain) {
        heads.push({ day, writer, seq: chain.seq, hash: chain.hash });
      }
      if (resumed && !isSame(resumed, id)) {
        continue;
      }
      // Records of a chain that nobody knows are exported, too: whoever looks for tampering needs them.
      const upTo = chain?.seq ?? (await this.#store.lastSeq(id));
      for await (const page of this.#chainPages(id, resumed?.seq, upTo)) {
        count += page.length;
        yield page;
      }
      resumed = undefined;
    }
    yield [{ type: 'trailer', count, heads }];
  }

  async *#chainPages(
    id: ChainId,
    start: number | undefined,
    upTo: number,
  ): AsyncGenerator<StoredAuditRecord[]> {
    let after = start;
    for (;;) {
      const limit = PAGE_RECORDS;
      const page = await this.#queries.listOfChain(id, { after, upTo, limit });
      yield page;
      if (page.length < limit) {
        return;
      }
      after = page.at(-1)!.seq;
    }
  }

  async #placeOf(range: {
    from: string;
    to: string;
    after?: string;
  }): Promise<RecordPlace | undefined> {
    if (range.after === undefined) {
      return undefined;
    }
    const place = readRecordId(range.after);
    const { day } = place;
    const known =
      (await this.#store.findChain(place)) ??
      (await this.#store.lastSeq(place)) > 0;
    if (day < range.from || day > range.to || !known) {
      throw new InputError(
        '"after" is not the id of a record of these days; take the one of the last line of the export that broke off',
      );
    }
    return place;
  }
}

function isSame(place: ChainId, id: ChainId): boolean {
  return place.day === id.day && place.writer === id.writer;
}
