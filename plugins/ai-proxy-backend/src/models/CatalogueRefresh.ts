import type { LoggerService } from '@backstage/backend-plugin-api';
import { isError } from '@backstage/errors';
import type { CatalogueStore, StoredCatalogue } from './CatalogueStore';
import type { ModelCatalogue } from './ModelCatalogue';
import type { Snapshot } from './snapshot';
import {
  askSource,
  CatalogueDocument,
  keepGone,
  readDocument,
  SourceFetch,
} from './source';

const LONGEST_PROBLEM = 1_000;

/**
 * Keeps a catalogue up to date. One replica asks the source and stores what it
 * has; all of them, that one as well, take it from the database. When the source
 * or the database cannot be used, or has nonsense, the models stay as they are,
 * and the catalogue's status says so.
 */
export class CatalogueRefresh {
  readonly #catalogue: ModelCatalogue;
  readonly #store: CatalogueStore;
  readonly #wanted: readonly string[];
  readonly #snapshot: Snapshot;
  readonly #url: string;
  readonly #fetch: SourceFetch;
  readonly #logger: LoggerService;
  /** Of the stored models that the catalogue has, or that cannot be used. */
  #digest: string | undefined;

  /**
   * @param options.wanted - ids of providers in the source
   * @param options.snapshot - which the catalogue has already
   */
  constructor(options: {
    catalogue: ModelCatalogue;
    store: CatalogueStore;
    wanted: readonly string[];
    snapshot: Snapshot;
    url: string;
    fetch: SourceFetch;
    logger: LoggerService;
  }) {
    this.#catalogue = options.catalogue;
    this.#store = options.store;
    this.#wanted = options.wanted;
    this.#snapshot = options.snapshot;
    this.#url = options.url;
    this.#fetch = options.fetch;
    this.#logger = options.logger;
  }

  /** Takes what is stored, if it is not known yet. Never throws. */
  async load(): Promise<void> {
    try {
      const stored = await this.#store.read();
      if (!stored) {
        return;
      }
      await this.#take(stored);
      this.#catalogue.note({
        checkedAt: stored.checkedAt,
        problem: stored.problem,
      });
    } catch (error) {
      this.#warn('Could not read the stored catalogue of models', error);
    }
  }

  /** Asks the source, stores what it has, and takes it. Never throws. */
  async refresh(): Promise<void> {
    try {
      const at = new Date();
      const problem = await this.#ask(at);
      if (problem !== undefined) {
        await this.#store.noteProblem(problem.slice(0, LONGEST_PROBLEM), at);
      }
    } catch (error) {
      this.#warn('Could not refresh the catalogue of models', error);
    }
    await this.load();
  }

  /** @returns why the source could not be used */
  async #ask(at: Date): Promise<string | undefined> {
    const previous = await this.#previous();
    let next: CatalogueDocument;
    let etag: string | undefined;
    try {
      const answer = await askSource(this.#fetch, this.#url, previous.etag);
      if (!answer.changed) {
        await this.#store.noteUnchanged(at);
        return undefined;
      }
      next = readDocument(answer.document, this.#wanted);
      etag = answer.etag;
    } catch (error) {
      const reason = reasonOf(error, this.#url);
      this.#warn('The source of models cannot be used', reason);
      return reason;
    }
    await this.#store.write(keepGone(next, previous.document, at), {
      etag,
      at,
    });
    return undefined;
  }

  /** With the ETag only if nothing else is wanted of the source than what is stored. */
  async #previous(): Promise<{ document: CatalogueDocument; etag?: string }> {
    const stored = await this.#store.read();
    if (!stored?.digest) {
      return { document: this.#snapshot.document };
    }
    try {
      const document = (await this.#store.readDocument())!;
      const isComplete = this.#wanted.every(id => document.asked.includes(id));
      return { document, etag: isComplete ? stored.etag : undefined };
    } catch {
      return { document: this.#snapshot.document };
    }
  }

  async #take({ digest, asOf, etag, checkedAt }: StoredCatalogue) {
    if (!digest || !asOf || digest === this.#digest) {
      return;
    }
    // The source may yet say that it has the same still.
    if ((checkedAt ?? asOf) < this.#snapshot.asOf) {
      return;
    }
    this.#digest = digest;
    const document = await this.#store.readDocument();
    if (document) {
      // What another replica, with other providers, did not ask for.
      const complete = {
        ...document,
        providers: new Map([
          ...this.#snapshot.document.providers,
          ...document.providers,
        ]),
      };
      this.#catalogue.replace(complete, {
        origin: 'source',
        asOf,
        etag,
        checkedAt,
      });
    }
  }

  #warn(what: string, error: unknown): void {
    this.#logger.warn(`${what}; the last good one stays: ${error}`);
  }
}

/** Why the source cannot be used, without what may be secret in its URL. */
function reasonOf(error: unknown, url: string): string {
  const cause = isError(error) && error.cause;
  const reason = cause ? `${error}: ${cause}` : String(error);
  const { search } = new URL(url);
  return search ? reason.replaceAll(search, '') : reason;
}
