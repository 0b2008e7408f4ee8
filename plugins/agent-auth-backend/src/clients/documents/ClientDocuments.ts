import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  NotAllowedError,
  ServiceUnavailableError,
  toError,
} from '@backstage/errors';
import { LRUCache } from 'lru-cache';
import { ClientIdPattern } from './ClientIdPattern';
import { isUrlClientId, parseClientIdUrl } from './clientIdUrl';
import { fetchJson, Resolve, resolveHost } from './fetchJson';
import { ClientDocument, readDocument } from './readDocument';

/** Coding clients that publish such a document (November 2026). */
export const DEFAULT_ALLOWED_CLIENT_IDS = [
  'https://claude.ai/*',
  'https://vscode.dev/*',
  'https://chatgpt.com/oauth/codex/*/client.json',
];

const MAX_DOCUMENTS = 1_000;

/** Below this a client's own server would be asked at each step of a sign-in. */
const MIN_AGE_MS = 5 * 60_000;

const MAX_AGE_MS = 24 * 3_600_000;

/** A host that does not answer is not asked at each attempt. */
const FAILURE_AGE_MS = 30_000;

/** How long after its time a document is still used while its host does not answer. */
const STALE_AGE_MS = 24 * 3_600_000;

/** Bounds what strangers can make this process do: anyone may start an authorization request. */
const MAX_FETCHES = 20;

interface Kept {
  document: ClientDocument;
  freshUntil: number;
}

interface Failure {
  error: Error;
  until: number;
}

/**
 * Clients whose id is the URL of a document that describes them
 * (draft-ietf-oauth-client-id-metadata-document). Which URLs may be used is an
 * administrator's choice; what their documents say is not trusted.
 */
export class ClientDocuments {
  readonly #patterns: ClientIdPattern[];
  readonly #trustedHosts: ReadonlySet<string>;
  readonly #allowLoopback: boolean;
  readonly #logger: LoggerService;
  readonly #resolve: Resolve;
  readonly #kept = new LRUCache<string, Kept>({ max: MAX_DOCUMENTS });
  // Apart, so that made-up ids push out no document.
  readonly #failures = new LRUCache<string, Failure>({ max: MAX_DOCUMENTS });
  readonly #fetching = new Map<string, Promise<ClientDocument>>();

  /**
   * @param options.allowedPatterns - see {@link ClientIdPattern}
   * @param options.trustedHosts - hosts that may have internal addresses, with
   *   port unless it is 443; their ids have to match a pattern as well
   * @param options.allowLoopback - whether ids may be `http` URLs of this
   *   machine, for development
   * @param options.resolve - finds the addresses of a host; default: the operating system
   * @throws InputError when a pattern is none
   */
  constructor(options: {
    allowedPatterns: string[];
    trustedHosts?: string[];
    allowLoopback?: boolean;
    logger: LoggerService;
    resolve?: Resolve;
  }) {
    this.#patterns = options.allowedPatterns.map(
      pattern => new ClientIdPattern(pattern),
    );
    this.#trustedHosts = new Set(options.trustedHosts);
    this.#allowLoopback = options.allowLoopback ?? false;
    this.#logger = options.logger;
    this.#resolve = options.resolve ?? resolveHost;
  }

  /**
   * What a client's document says of it, kept for as long as its server allows:
   * five minutes at least, a day at most. When the server does not answer any
   * more, the last document is used for another day.
   *
   * @returns undefined for an id that is not a URL
   * @throws InputError when the id or the document is not acceptable
   * @throws NotAllowedError when no pattern allows the id
   * @throws ServiceUnavailableError when the document cannot be fetched now
   */
  async find(clientId: string): Promise<ClientDocument | undefined> {
    if (!isUrlClientId(clientId)) {
      return undefined;
    }
    const url = parseClientIdUrl(clientId, {
      allowLoopback: this.#allowLoopback,
    });
    if (!this.#patterns.some(pattern => pattern.matches(url))) {
      throw new NotAllowedError(
        `Clients from ${url.host} are not allowed here; an administrator can add the id to agentAuth.clientDocuments.allowedClientIds`,
      );
    }
    const kept = this.#kept.get(clientId);
    if (kept && Date.now() < kept.freshUntil) {
      return kept.document;
    }
    try {
      return await this.#fetchOnce(clientId, url);
    } catch (error) {
      // A document that is gone or wrong now ends the client; only silence does not.
      if (
        kept &&
        error instanceof ServiceUnavailableError &&
        Date.now() < kept.freshUntil + STALE_AGE_MS
      ) {
        return kept.document;
      }
      throw error;
    }
  }

  /** Concurrent calls for one id share a fetch, and for a while its failure. */
  async #fetchOnce(clientId: string, url: URL): Promise<ClientDocument> {
    const failure = this.#failures.get(clientId);
    if (failure && Date.now() < failure.until) {
      throw failure.error;
    }
    const fetching = this.#fetching.get(clientId);
    if (fetching) {
      return fetching;
    }
    if (this.#fetching.size >= MAX_FETCHES) {
      throw new ServiceUnavailableError(
        'Too many client metadata documents are being fetched; try again in a few seconds',
      );
    }
    const started = this.#fetch(url).finally(() =>
      this.#fetching.delete(clientId),
    );
    this.#fetching.set(clientId, started);
    return started;
  }

  async #fetch(url: URL): Promise<ClientDocument> {
    const options = {
      trustedHosts: this.#trustedHosts,
      resolve: this.#resolve,
      onRefused: (reason: string) =>
        this.#logger.warn(
          `Did not fetch what a client metadata document needs from ${reason}`,
        ),
    };
    try {
      const { value, maxAgeSeconds } = await fetchJson(url, options);
      const document = await readDocument(
        value,
        url,
        async keys => (await fetchJson(keys, options)).value,
      );
      const ageMs = Math.min(
        Math.max(maxAgeSeconds * 1_000, MIN_AGE_MS),
        MAX_AGE_MS,
      );
      this.#kept.set(url.href, { document, freshUntil: Date.now() + ageMs });
      this.#failures.delete(url.href);
      return document;
    } catch (thrown) {
      const error = toError(thrown);
      this.#failures.set(url.href, {
        error,
        until: Date.now() + FAILURE_AGE_MS,
      });
      if (!(error instanceof ServiceUnavailableError)) {
        this.#kept.delete(url.href);
      }
      throw error;
    }
  }
}
