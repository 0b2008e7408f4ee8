import type {
  AuditHead,
  AuditProblem,
  AuditProblemKind,
  AuditVerificationEvent,
} from '@prompt-corner/plugin-mcp-portal-common';
import type { AuditKey, AuditKeys } from './AuditKeys';
import type {
  ChainId,
  ChainStore,
  FoundRecord,
  SignedChain,
} from './AuditStore';
import { hashOpening, hashRecord, signChain } from './chain';

/** At a time in memory. */
const PAGE_RECORDS = 1_000;

/** What to verify. */
export interface VerificationRange {
  /** UTC days, `YYYY-MM-DD`, inclusive. Default: all. */
  from?: string;
  to?: string;
  /** Heads that somebody kept elsewhere, such as those at the end of an export. */
  anchors?: AuditHead[];
}

/** Looks for what was changed in the audit trail by somebody who does not have its key. */
export class AuditVerifier {
  readonly #store: ChainStore;
  readonly #keys: AuditKeys;

  constructor(options: { store: ChainStore; keys: AuditKeys }) {
    this.#store = options.store;
    this.#keys = options.keys;
  }

  /**
   * Verifies chain after chain, in memory for a page of records. One act can show in
   * several problems. Writers may go on meanwhile: what they add is not verified.
   *
   * @returns progress and problems as they come; the last one is the result
   */
  async *verify(
    range: VerificationRange = {},
  ): AsyncGenerator<AuditVerificationEvent> {
    const { from, to, anchors = [] } = range;
    let problems = 0;
    let chains = 0;
    let expiredChains = 0;
    let records = 0;

    let id = await this.#store.nextChainId({ from, to });
    while (id) {
      const chain = await this.#store.findChain(id);
      for await (const step of this.#verifyChain(id, chain)) {
        if (typeof step === 'number') {
          records += step;
          yield { type: 'progress', day: id.day, chains, records };
        } else {
          problems += 1;
          yield step;
        }
      }
      chains += 1;
      expiredChains += chain?.expiredAt ? 1 : 0;
      id = await this.#store.nextChainId({ from, to, after: id });
    }
    for (const anchor of anchors) {
      for await (const found of this.#verifyHead(anchor, 'a head given')) {
        problems += 1;
        yield found;
      }
    }
    yield {
      type: 'result',
      ok: problems === 0,
      problems,
      chains,
      expiredChains,
      records,
    };
  }

  /** Problems, and the number of records of each page. */
  async *#verifyChain(
    id: ChainId,
    chain: SignedChain | undefined,
  ): AsyncGenerator<AuditProblem | number> {
    if (!chain) {
      yield problem(
        id,
        'chain-missing',
        'There are records, but nothing that tells of their chain: it was removed, or they were inserted',
      );
      return;
    }
    const key = this.#keys.get(chain.keyId);
    if (!key) {
      yield problem(
        id,
        'key-unknown',
        `The chain is signed with the key "${chain.keyId}", which is not configured`,
      );
      return;
    }
    if (signChain(key, chain) !== chain.mac) {
      yield problem(
        id,
        'chain-altered',
        'What tells where the chain ends, and what it carries, was changed',
      );
      // Without it, only the records themselves can be verified.
      yield* this.#verifyRecords(id, key, {
        start: undefined,
        upTo: await this.#store.lastSeq(id),
        gaps: false,
      });
      return;
    }
    if (chain.expiredAt) {
      yield* this.#verifyRecords(id, key, {
        start: undefined,
        upTo: Math.max(chain.seq, await this.#store.lastSeq(id)),
        gaps: true,
      });
    } else {
      yield* this.#verifyRecords(id, key, {
        start: hashOpening(key, chain),
        upTo: chain.seq,
        gaps: false,
        end: chain,
      });
      yield* this.#verifyEnd(chain);
    }
    for (const head of JSON.parse(chain.opening) as AuditHead[]) {
      yield* this.#verifyHead(
        head,
        `the opening of the chain ${id.day} ${id.writer}`,
      );
    }
  }

  /**
   * @param options - `start` is the hash before the first record, unknown when nothing
   *   trusted tells it; `gaps` says that records may be gone; `end` is where the records have to lead
   */
  async *#verifyRecords(
    id: ChainId,
    key: AuditKey,
    options: {
      start: string | undefined;
      upTo: number;
      gaps: boolean;
      end?: AuditHead;
    },
  ): AsyncGenerator<AuditProblem | number> {
    const { upTo, end } = options;
    let { gaps } = options;
    let expected = 1;
    let previousHash = options.start;
    let after: number | undefined;
    for (;;) {
      const page = await this.#store.listRecords(id, {
        after,
        upTo,
        limit: PAGE_RECORDS,
      });
      for (const record of page) {
        if (record.seq > expected) {
          gaps ||= await this.#hasExpired(id);
          if (!gaps) {
            yield missing(id, expected, record.seq - 1);
          }
          previousHash = undefined;
        }
        const genuine = isGenuine(key, record);
        if (!genuine) {
          yield problem(
            id,
            'record-altered',
            'The record is not what was written there: it was edited, inserted or moved',
            record.seq,
          );
        } else if (previousHash && record.previousHash !== previousHash) {
          yield problem(
            id,
            'record-altered',
            'The record does not follow the one before it',
            record.seq,
          );
        }
        previousHash = genuine ? record.hash : undefined;
        expected = Math.max(expected, record.seq + 1);
      }
      yield page.length;
      if (page.length < PAGE_RECORDS) {
        break;
      }
      after = page.at(-1)!.seq;
    }
    if (!end || gaps) {
      return;
    }
    if (expected <= end.seq) {
      if (!(await this.#hasExpired(id))) {
        yield missing(id, expected, end.seq);
      }
    } else if (previousHash && previousHash !== end.hash) {
      yield problem(
        id,
        'record-altered',
        'The last record is not the one that the chain ended with',
        end.seq,
      );
    }
  }

  /** What comes after the end is fine only if a writer has just put it there. */
  async *#verifyEnd(chain: SignedChain): AsyncGenerator<AuditProblem> {
    const lastSeq = await this.#store.lastSeq(chain);
    // In SQLite, somebody may have put something there that is no number: nothing compares with it.
    if (lastSeq <= chain.seq) {
      return;
    }
    const now = await this.#findSigned(chain);
    if (!(now && lastSeq <= now.seq)) {
      yield problem(
        chain,
        'records-added',
        `There are records up to number ${lastSeq}, but the chain ended before`,
        chain.seq + 1,
      );
    }
  }

  /** Whether a chain is still what somebody saw of it. */
  async *#verifyHead(
    head: AuditHead,
    source: string,
  ): AsyncGenerator<AuditProblem> {
    const chain = await this.#store.findChain(head);
    if (!chain) {
      yield problem(
        head,
        'chain-missing',
        `The chain was removed: ${source} tells of ${head.seq} records`,
      );
      return;
    }
    if (chain.seq < head.seq) {
      yield problem(
        head,
        'records-missing',
        `The end of the chain was removed: ${source} tells of ${head.seq} records, and it has ${chain.seq}`,
        chain.seq + 1,
      );
      return;
    }
    const hash =
      chain.seq === head.seq
        ? chain.hash
        : await this.#store.findHash(head, head.seq);
    if (hash !== head.hash && !(await this.#hasExpired(head))) {
      yield problem(
        head,
        hash === undefined ? 'records-missing' : 'record-altered',
        `The record is not the one of which ${source} tells`,
        head.seq,
      );
    }
  }

  /** Retention may be at work. */
  async #hasExpired(id: ChainId): Promise<boolean> {
    return (await this.#findSigned(id))?.expiredAt !== undefined;
  }

  async #findSigned(id: ChainId): Promise<SignedChain | undefined> {
    const chain = await this.#store.findChain(id);
    const key = chain && this.#keys.get(chain.keyId);
    return key && signChain(key, chain) === chain.mac ? chain : undefined;
  }
}

function isGenuine(key: AuditKey, record: FoundRecord): boolean {
  return record.columnsAgree && hashRecord(key, record) === record.hash;
}

function missing(id: ChainId, first: number, last: number): AuditProblem {
  return problem(
    id,
    'records-missing',
    first === last
      ? `Record ${first} was removed`
      : `Records ${first} to ${last} were removed`,
    first,
  );
}

function problem(
  { day, writer }: ChainId,
  kind: AuditProblemKind,
  message: string,
  seq?: number,
): AuditProblem {
  return {
    type: 'problem',
    kind,
    day,
    writer,
    ...(seq === undefined ? {} : { seq }),
    message,
  };
}
