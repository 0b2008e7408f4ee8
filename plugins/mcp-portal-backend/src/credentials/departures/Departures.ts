import type { LoggerService } from '@backstage/backend-plugin-api';
import { isMassDeparture } from '@prompt-corner/plugin-agent-auth-node';
import type { Connections } from '../Connections';
import type { HeldCredential, UserCredentialStore } from '../oauth';

/** As long as agent-auth waits: a catalog that lost its users for a moment must not cost them their connections. */
const GRACE_MS = 60 * 60_000;

/**
 * Ends connections that nobody can use any more: those of users who have left
 * the organisation, and those with retired servers, once that has been so for
 * an hour.
 */
export class Departures {
  readonly #store: UserCredentialStore;
  readonly #connections: Pick<Connections, 'end'>;
  readonly #presentOf: (uuids: string[]) => Promise<Set<string>>;
  readonly #retired: () => Promise<Set<string>>;
  readonly #logger: LoggerService;

  constructor(options: {
    store: UserCredentialStore;
    connections: Pick<Connections, 'end'>;
    /** Which of some users are in the organisation. */
    presentOf: (uuids: string[]) => Promise<Set<string>>;
    /** Entity refs of retired servers. */
    retired: () => Promise<Set<string>>;
    logger: LoggerService;
  }) {
    this.#store = options.store;
    this.#connections = options.connections;
    this.#presentOf = options.presentOf;
    this.#retired = options.retired;
    this.#logger = options.logger;
  }

  /**
   * Notes who and what has left, and ends what has been so for long. When many
   * users are missing at once, which says more about the catalog than about
   * them, theirs stay.
   *
   * @param now - milliseconds since the epoch
   * @throws ServiceUnavailableError when agent-auth or the catalog does not answer; then nothing changes
   */
  async end(now = Date.now()): Promise<void> {
    const held = await this.#store.listHeld();
    const users = [...new Set(held.map(({ user }) => user))];
    const present = await this.#presentOf(users);
    const retired = await this.#retired();
    const hasLeft = ({ user, server }: HeldCredential) =>
      !present.has(user) || retired.has(server);
    for (const credential of held) {
      if (hasLeft(credential) !== (credential.leftSince !== undefined)) {
        await this.#store.markLeft(
          credential,
          hasLeft(credential) ? new Date(now) : null,
        );
      }
    }
    const over = held.filter(
      credential =>
        hasLeft(credential) &&
        credential.leftSince &&
        now - credential.leftSince.getTime() >= GRACE_MS,
    );
    const areMissing =
      over.length > 0 &&
      this.#areTooManyMissing(
        // Also those who went missing just now: a catalog may lose its users one after the other.
        users.filter(user => !present.has(user)).length,
        users.length,
      );
    for (const { user, server } of over) {
      if (retired.has(server) || !areMissing) {
        await this.#connections.end({ user, server });
        this.#logger.info(
          `Ended the connection of user ${user} with ${server}: ${
            retired.has(server)
              ? 'the server is retired'
              : 'the user is no longer in the catalog'
          }`,
        );
      }
    }
  }

  #areTooManyMissing(gone: number, all: number): boolean {
    const areTooMany = isMassDeparture(gone, all);
    if (areTooMany) {
      this.#logger.error(
        `${gone} of ${all} users with connections to MCP servers are no longer in the catalog. Their connections are not used, but stay: check the catalog's sources`,
      );
    }
    return areTooMany;
  }
}
