import type { LoggerService } from '@backstage/backend-plugin-api';
import { LRUCache } from 'lru-cache';
import type { AgentAuthBackend } from '../internal/AgentAuthBackend';
import type { TokenFacts } from '../internal/protocol';
import { IntrospectionQueue } from './IntrospectionQueue';
import type { RevocationFeed, Revocations } from './RevocationFeed';
import type { Timings } from './timings';
import { UnknownTokenLimit } from './UnknownTokenLimit';

/** About 1 kB each. */
const MAX_TOKENS = 50_000;
const MAX_UNKNOWN = 10_000;

/** A token that was valid when agent-auth was last asked. */
export interface KnownToken {
  facts: TokenFacts;
  scopes: ReadonlySet<string>;
}

interface Entry {
  token: KnownToken;
  /** When agent-auth was asked, as in `performance.now()`. */
  askedAt: number;
  /** From when on it should be asked again, as in `performance.now()`. */
  refreshAt: number;
}

/**
 * What is known of tokens, by their hash, for all plugins of a process.
 *
 * An entry is believed for as long as a revocation of it would have been
 * heard: until five seconds after agent-auth was asked for it, or after the
 * start of the last poll for revocations that succeeded. Then agent-auth is
 * asked again, and while that does not answer nobody gets in.
 */
export class TokenCache {
  readonly #entries = new LRUCache<string, Entry>({
    max: MAX_TOKENS,
    dispose: (entry, hash) => this.#unlink(entry, hash),
  });
  /** Hashes of the entries of each connection. */
  readonly #byConnection = new Map<string, Set<string>>();
  /** To be read again in the background, with whom to ask. */
  readonly #stale = new Map<string, AgentAuthBackend>();
  readonly #unknown: LRUCache<string, true>;
  readonly #unknownLimit: UnknownTokenLimit;
  readonly #queue: IntrospectionQueue;
  readonly #feed: RevocationFeed;
  readonly #timings: Timings;
  readonly #logger: LoggerService;

  constructor(options: {
    feed: RevocationFeed;
    timings: Timings;
    logger: LoggerService;
  }) {
    this.#feed = options.feed;
    this.#timings = options.timings;
    this.#logger = options.logger;
    this.#queue = new IntrospectionQueue(options);
    this.#unknownLimit = new UnknownTokenLimit(options);
    this.#unknown = new LRUCache({
      max: MAX_UNKNOWN,
      ttl: options.timings.unknownMs,
    });
    options.feed.onRevocations(revocations => this.#forget(revocations));
  }

  /**
   * Finds what a token stands for.
   *
   * @param hash - of the token
   * @param asker.backend - to ask if it is not known
   * @param asker.address - IP address that the token came from
   * @returns undefined when it is unknown or revoked; it may have expired since it was asked for
   * @throws ServiceUnavailableError when agent-auth has to be asked and does not answer
   * @throws TooManyRequestsError when agent-auth is not asked, as too many tokens from the address were unknown
   */
  async find(
    hash: string,
    asker: { backend: AgentAuthBackend; address: string | undefined },
  ): Promise<KnownToken | undefined> {
    const now = performance.now();
    const entry = this.#entries.get(hash);
    if (entry && this.#isTrusted(entry, now)) {
      if (now >= entry.refreshAt) {
        this.#refresh(hash, entry, asker.backend, now);
      }
      return entry.token;
    }
    if (this.#unknown.has(hash)) {
      return undefined;
    }
    // It was good a moment ago: whoever sends it does not guess.
    if (entry) {
      return this.#ask(hash, asker.backend);
    }
    await this.#unknownLimit.check(hash, asker.address);
    const token = await this.#ask(hash, asker.backend);
    if (!token) {
      await this.#unknownLimit.count(hash, asker.address);
    }
    return token;
  }

  /** Forgets a token that has expired. */
  drop(hash: string): void {
    this.#entries.delete(hash);
  }

  #isTrusted(entry: Entry, now: number): boolean {
    const confirmedAt = Math.max(entry.askedAt, this.#feed.confirmedAt);
    return now - confirmedAt < this.#timings.trustMs;
  }

  async #ask(
    hash: string,
    backend: AgentAuthBackend,
  ): Promise<KnownToken | undefined> {
    const { facts, sequence, askedAt } = await this.#queue.ask(hash, backend);
    if (!facts) {
      this.#entries.delete(hash);
      this.#unknown.set(hash, true);
      return undefined;
    }
    const token = { facts, scopes: new Set(facts.scopes) };
    if (this.#feed.follows({ sequence, askedAt }, backend)) {
      const refreshAt = askedAt + this.#timings.refreshMs;
      this.#entries.set(hash, { token, askedAt, refreshAt });
      this.#link(facts.connectionId, hash);
    }
    return token;
  }

  #refresh(
    hash: string,
    entry: Entry,
    backend: AgentAuthBackend,
    now: number,
  ): void {
    // When this fails, the next try is as far away.
    entry.refreshAt = now + this.#timings.refreshMs;
    this.#stale.set(hash, backend);
    // Nobody waits for it, so many are asked for in one request.
    if (this.#stale.size === 1) {
      setTimeout(() => this.#refreshAll(), this.#timings.collectMs).unref();
    }
  }

  #refreshAll(): void {
    const stale = [...this.#stale];
    this.#stale.clear();
    for (const [hash, backend] of stale) {
      this.#ask(hash, backend).catch(error =>
        this.#logger.debug(
          `Could not read facts about a token again: ${error}`,
        ),
      );
    }
  }

  #link(connectionId: string, hash: string): void {
    const hashes = this.#byConnection.get(connectionId);
    if (hashes) {
      hashes.add(hash);
    } else {
      this.#byConnection.set(connectionId, new Set([hash]));
    }
  }

  #unlink(entry: Entry, hash: string): void {
    const { connectionId } = entry.token.facts;
    const hashes = this.#byConnection.get(connectionId);
    hashes?.delete(hash);
    if (hashes?.size === 0) {
      this.#byConnection.delete(connectionId);
    }
  }

  #forget({ everything, connections, hashes }: Revocations): void {
    if (everything) {
      this.#entries.clear();
      return;
    }
    hashes.forEach(hash => this.#entries.delete(hash));
    for (const connectionId of connections) {
      for (const hash of [...(this.#byConnection.get(connectionId) ?? [])]) {
        this.#entries.delete(hash);
      }
    }
  }
}
