import { ConflictError, InputError } from '@backstage/errors';
import type { Knex } from 'knex';
import {
  approveDefinitions,
  DefinitionApproval,
  DefinitionChoice,
  DefinitionStore,
  rejectDefinitions,
} from '../definitions';
import { assertSecondPerson, RegistryUser } from './Approver';
import type { RegistryVersion } from './RegistryVersion';
import type { ServerRecord } from './ServerRecord';
import { ServerAction, statusAfter } from './serverStatus';
import type { ServerPatch, ServerStore } from './ServerStore';

/** What an approver says about a server. */
export interface ServerApproval {
  /** Definitions that are served from now on; the rest stays quarantined. */
  definitions: DefinitionApproval[];
  /** URLs that the approver looked at. Needed when the server was not inspected. */
  urls?: string[];
  acknowledgedFindings?: boolean;
  reason?: string;
}

/**
 * What people do to servers. Each method is one transaction, and returns when
 * the view of this process shows it; other replicas follow within seconds.
 *
 * All throw NotFoundError for an unknown server, ConflictError when the action
 * does not fit where the server stands, and NotAllowedError when the user may
 * not decide on it, see {@link assertSecondPerson}. Permissions are checked
 * before.
 */
export class ServerLifecycle {
  readonly #database: Knex;
  readonly #servers: ServerStore;
  readonly #definitions: DefinitionStore;
  readonly #version: RegistryVersion;

  constructor(options: {
    database: Knex;
    servers: ServerStore;
    definitions: DefinitionStore;
    version: RegistryVersion;
  }) {
    this.#database = options.database;
    this.#servers = options.servers;
    this.#definitions = options.definitions;
    this.#version = options.version;
  }

  /** Asks for a server. One that was retired starts anew: nothing of it is approved any more. */
  async propose(
    entityRef: string,
    user: RegistryUser,
    reason?: string,
  ): Promise<ServerRecord> {
    return this.#act(
      entityRef,
      'propose',
      user,
      reason,
      async (server, trx) => {
        assertUsable(server);
        await this.#definitions.forget(entityRef, trx);
        return {
          proposedBy: user.uuid,
          approvedBy: null,
          inspectedRemotes: null,
          approvedRemotes: null,
          trustFirstSnapshot: false,
          about: null,
        };
      },
    );
  }

  async approve(
    entityRef: string,
    user: RegistryUser,
    approval: ServerApproval,
  ): Promise<ServerRecord> {
    const { definitions, urls, acknowledgedFindings = false } = approval;
    return this.#act(
      entityRef,
      'approve',
      user,
      approval.reason,
      async (server, trx) => {
        assertUsable(server);
        assertSecondPerson(server, user);
        assertRemotes(
          server,
          urls ?? server.inspectedRemotes?.map(({ url }) => url),
        );
        await approveDefinitions(
          entityRef,
          definitions,
          { by: user.uuid, acknowledgedFindings },
          trx,
        );
        return {
          approvedBy: user.uuid,
          approvedRemotes: server.catalog.remotes,
        };
      },
    );
  }

  /** Turns a proposal down. */
  async reject(
    entityRef: string,
    user: RegistryUser,
    reason?: string,
  ): Promise<ServerRecord> {
    return this.#act(entityRef, 'reject', user, reason, async () => ({}));
  }

  /** Takes a server out of every portal until someone lifts it. */
  async suspend(
    entityRef: string,
    user: RegistryUser,
    reason?: string,
  ): Promise<ServerRecord> {
    return this.#act(entityRef, 'suspend', user, reason, async server => {
      if (server.suspensionCause === 'manual') {
        throw new ConflictError('The server is suspended already');
      }
      return { suspensionCause: 'manual' };
    });
  }

  /**
   * Lifts a suspension. When the entity has other remotes than were approved,
   * `urls` has to name them, which approves them.
   */
  async resume(
    entityRef: string,
    user: RegistryUser,
    options: { urls?: string[]; reason?: string },
  ): Promise<ServerRecord> {
    const { urls, reason } = options;
    return this.#act(entityRef, 'resume', user, reason, async server => {
      assertUsable(server);
      assertSecondPerson(server, user);
      assertRemotes(server, urls ?? server.approvedRemotes?.map(r => r.url));
      return {
        suspensionCause: null,
        approvedRemotes: server.catalog.remotes,
        // Who lifts no more than a person's suspension approves nothing new.
        ...((server.suspensionCause !== 'manual' || urls) && {
          approvedBy: user.uuid,
        }),
      };
    });
  }

  /** Takes a server out of every portal for good. */
  async retire(
    entityRef: string,
    user: RegistryUser,
    reason?: string,
  ): Promise<ServerRecord> {
    return this.#act(entityRef, 'retire', user, reason, async () => ({
      suspensionCause: null,
    }));
  }

  /**
   * Approves definitions of an approved or suspended server. Also changes the
   * class of those that are approved.
   *
   * @throws as `approveDefinitions` of the definitions
   */
  async approveDefinitions(
    entityRef: string,
    definitions: DefinitionApproval[],
    user: RegistryUser,
    options: { acknowledgedFindings?: boolean } = {},
  ): Promise<void> {
    const { acknowledgedFindings = false } = options;
    await this.#change(entityRef, async (server, trx) => {
      assertDecidable(server);
      assertSecondPerson(server, user);
      await approveDefinitions(
        entityRef,
        definitions,
        { by: user.uuid, acknowledgedFindings },
        trx,
      );
    });
  }

  /** Refuses definitions in exactly this form. */
  async rejectDefinitions(
    entityRef: string,
    definitions: DefinitionChoice[],
    user: RegistryUser,
    reason?: string,
  ): Promise<void> {
    await this.#change(entityRef, (_server, trx) =>
      rejectDefinitions(entityRef, definitions, { by: user.uuid, reason }, trx),
    );
  }

  async #act(
    entityRef: string,
    action: ServerAction,
    user: RegistryUser,
    reason: string | undefined,
    prepare: (server: ServerRecord, trx: Knex) => Promise<ServerPatch>,
  ): Promise<ServerRecord> {
    await this.#change(entityRef, async (server, trx) => {
      const to = statusAfter(server.status, action);
      const patch = await prepare(server, trx);
      await this.#servers.update(
        entityRef,
        { ...patch, status: to, statusReason: reason ?? null },
        trx,
      );
      await this.#servers.appendHistory(
        entityRef,
        { action, from: server.status, to, by: user.uuid, reason },
        trx,
      );
    });
    return this.#servers.get(entityRef);
  }

  async #change(
    entityRef: string,
    change: (server: ServerRecord, trx: Knex) => Promise<void>,
  ): Promise<void> {
    await this.#database.transaction(async trx => {
      const server = await this.#servers.lock(entityRef, trx);
      await change(server, trx);
      await this.#version.bump(entityRef, trx);
    });
    await this.#version.announce();
  }
}

/** @throws ConflictError when the catalog does not have the server, or says nonsense about it */
export function assertUsable(server: ServerRecord): void {
  if (!server.present) {
    throw new ConflictError(
      `${server.entityRef} is not in the catalog; register it there first`,
    );
  }
  if (server.catalog.problem) {
    throw new ConflictError(
      `The catalog entity ${server.entityRef} cannot be used: ${server.catalog.problem}`,
    );
  }
}

function assertDecidable({ status }: ServerRecord): void {
  if (status !== 'approved' && status !== 'suspended') {
    throw new ConflictError(
      `The server is ${status}; definitions are approved together with it, or when it is approved`,
    );
  }
}

/** @throws ConflictError when the catalog has other URLs than those that the approver knows */
function assertRemotes(server: ServerRecord, urls: string[] | undefined): void {
  if (!urls) {
    throw new InputError(
      'Inspect the server first, or say with urls which URLs you approve',
    );
  }
  const current = server.catalog.remotes.map(({ url }) => url);
  if (JSON.stringify(urls) !== JSON.stringify(current)) {
    throw new ConflictError(
      `The URLs of the server are ${current.join(
        ', ',
      )} now; inspect it again, or say with urls that you approve them`,
    );
  }
}
