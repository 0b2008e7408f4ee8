import type { LoggerService } from '@backstage/backend-plugin-api';
import { isMassDeparture } from '@prompt-corner/plugin-agent-auth-node';
import type { AuditTrail } from '../auditTrail/AuditTrail';
import type { Connections } from '../connections';
import type { Organisation } from '../organisation';
import type { Principals } from '../principals';

/** A user or service that is in the catalog, with its teams and what they own. */
export interface Resident {
  kind: 'user' | 'service';
  uuid: string;
  entityRef: string;
  teams: string[];
  systems: string[];
  domains: string[];
}

const REASON = 'no longer in the catalog';

/** Undoes nothing that a catalog which is being filled again would need. */
const REVOKED_AFTER_MS = 60 * 60_000;

/**
 * Users and services that are in the catalog now. Whoever has left it is let in
 * no more, from the next check on, and loses all connections when absent for an
 * hour: a catalog that lost its users for a moment must not cost everybody theirs.
 */
export class Residents {
  readonly #principals: Principals;
  readonly #organisation: Organisation;
  readonly #connections: Connections;
  readonly #sessions: { end(principal: string): Promise<void> };
  readonly #audit: AuditTrail;
  readonly #logger: LoggerService;
  readonly #revokedAfterMs: number;
  /** UUID -> when the absence was noticed, milliseconds since the epoch. */
  readonly #absentSince = new Map<string, number>();

  constructor(options: {
    principals: Principals;
    organisation: Organisation;
    connections: Connections;
    /** Where the sign-ins of users in Backstage are kept. */
    sessions: { end(principal: string): Promise<void> };
    audit: AuditTrail;
    logger: LoggerService;
    /** How long after it was noticed an absence is final. Default: an hour. */
    revokedAfterMs?: number;
  }) {
    this.#principals = options.principals;
    this.#organisation = options.organisation;
    this.#connections = options.connections;
    this.#sessions = options.sessions;
    this.#audit = options.audit;
    this.#logger = options.logger;
    this.#revokedAfterMs = options.revokedAfterMs ?? REVOKED_AFTER_MS;
  }

  /**
   * Finds a user or service by entity ref, and gives it a UUID if it has none
   * yet.
   *
   * @returns undefined when it is not in the catalog
   * @throws ServiceUnavailableError when the catalog does not answer
   */
  async admit(
    kind: Resident['kind'],
    entityRef: string,
  ): Promise<Resident | undefined> {
    const membership = await this.#organisation.membershipOf(entityRef, kind);
    return (
      membership && {
        kind,
        entityRef,
        uuid: await this.#principals.uuidOf({ kind, entityRef }),
        ...membership,
      }
    );
  }

  /** Reads who is behind UUIDs at once, before they are looked for one by one. */
  async prefetch(uuids: string[]): Promise<void> {
    await this.#principals.find([...new Set(uuids)]);
  }

  /**
   * Finds a user or service by UUID.
   *
   * @returns undefined when it is unknown, or not in the catalog
   * @throws ServiceUnavailableError when the catalog does not answer
   */
  async find(uuid: string): Promise<Resident | undefined> {
    const [principal] = await this.#principals.find([uuid]);
    if (!principal) {
      return undefined;
    }
    const { kind, entityRef } = principal;
    const membership = await this.#organisation.membershipOf(entityRef, kind);
    if (membership) {
      this.#absentSince.delete(uuid);
      return { kind, uuid, entityRef, ...membership };
    }
    await this.#noticeAbsence(uuid);
    return undefined;
  }

  /**
   * Looks after all who have connections, and revokes those of who has been
   * absent for long. Unless that is many at once, which says more about the
   * catalog than about them.
   */
  async checkAll(): Promise<void> {
    const all = await this.#connections.store.listPrincipals();
    const gone: string[] = [];
    for (const uuid of all) {
      const resident = await this.find(uuid);
      const since = this.#absentSince.get(uuid);
      if (
        !resident &&
        since !== undefined &&
        Date.now() - since >= this.#revokedAfterMs
      ) {
        gone.push(uuid);
      }
    }
    if (isMassDeparture(gone.length, all.length)) {
      this.#logger.error(
        `${gone.length} of ${all.length} users and services with connections are no longer in the catalog. They are refused, but nothing is revoked: check the catalog's sources. If they have really left, revoke their connections on the page`,
      );
      return;
    }
    for (const uuid of gone) {
      await this.#revoke(uuid);
    }
  }

  async #noticeAbsence(uuid: string): Promise<void> {
    if (!this.#absentSince.has(uuid)) {
      this.#absentSince.set(uuid, Date.now());
      await this.#connections.forget({ principal: uuid });
    }
  }

  async #revoke(uuid: string): Promise<void> {
    await this.#sessions.end(uuid);
    const revoked = await this.#connections.revoke({ principal: uuid }, REASON);
    this.#absentSince.delete(uuid);
    if (revoked.length) {
      await this.#audit.record('connection-revoke', {
        principal: uuid,
        revoked: revoked.length,
        reason: REASON,
      });
    }
  }
}
