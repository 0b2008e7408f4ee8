import { ConflictError } from '@backstage/errors';
import type { Knex } from 'knex';
import type { Decision, DecisionRecords } from '../audit';
import {
  approveDefinitions,
  DefinitionApproval,
  DefinitionChoice,
  definitionDecisions,
  DefinitionStore,
  rejectDefinitions,
  summaryOfDefinitions,
} from '../definitions';
import { assertSecondPerson, RegistryUser } from './Approver';
import type { RegistryVersion } from './RegistryVersion';
import type { ServerRecord } from './ServerRecord';
import { assertDecidable, assertRemotes, assertUsable } from './serverChecks';
import { serverDecision } from './serverDecision';
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
 * the view of this process shows it and the audit trail has it; other replicas
 * follow within seconds.
 *
 * All throw NotFoundError for an unknown server, ConflictError when the action
 * does not fit where the server stands, and NotAllowedError when the user may
 * not decide on it, see {@link assertSecondPerson}; and ServiceUnavailableError
 * when the audit trail cannot take the record. Permissions are checked before.
 */
export class ServerLifecycle {
  readonly #database: Knex;
  readonly #servers: ServerStore;
  readonly #definitions: DefinitionStore;
  readonly #version: RegistryVersion;
  readonly #decisions: DecisionRecords;

  constructor(options: {
    database: Knex;
    servers: ServerStore;
    definitions: DefinitionStore;
    version: RegistryVersion;
    decisions: DecisionRecords;
  }) {
    this.#database = options.database;
    this.#servers = options.servers;
    this.#definitions = options.definitions;
    this.#version = options.version;
    this.#decisions = options.decisions;
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
          syncAs: null,
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
          syncAs: user.uuid,
          turnedDown: false,
          approvedRemotes: server.catalog.remotes,
        };
      },
      definitions,
    );
  }

  /** Turns a proposal down. Configuration does not approve it then, either. */
  async reject(
    entityRef: string,
    user: RegistryUser,
    reason?: string,
  ): Promise<ServerRecord> {
    return this.#act(entityRef, 'reject', user, reason, async () => ({
      turnedDown: true,
    }));
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
          syncAs: user.uuid,
        }),
      };
    });
  }

  /** Takes a server out of every portal for good: it has to be proposed, and approved by a person, again. */
  async retire(
    entityRef: string,
    user: RegistryUser,
    reason?: string,
  ): Promise<ServerRecord> {
    return this.#act(entityRef, 'retire', user, reason, async () => ({
      suspensionCause: null,
      turnedDown: true,
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
    await this.#change(entityRef, user, async (server, trx) => {
      assertDecidable(server);
      assertSecondPerson(server, user);
      await approveDefinitions(
        entityRef,
        definitions,
        { by: user.uuid, acknowledgedFindings },
        trx,
      );
      await this.#noteDefinitions(
        server,
        'approve-definitions',
        user,
        summaryOfDefinitions(definitions),
        trx,
      );
      return definitionDecisions(server.name, 'approved', definitions);
    });
  }

  /** Refuses definitions in exactly this form. */
  async rejectDefinitions(
    entityRef: string,
    definitions: DefinitionChoice[],
    user: RegistryUser,
    reason?: string,
  ): Promise<void> {
    await this.#change(entityRef, user, async (server, trx) => {
      await rejectDefinitions(
        entityRef,
        definitions,
        { by: user.uuid, reason },
        trx,
      );
      await this.#noteDefinitions(
        server,
        'reject-definitions',
        user,
        summaryOfDefinitions(definitions, reason),
        trx,
      );
      return definitionDecisions(server.name, 'rejected', definitions);
    });
  }

  /** @param definitions - approved together with the server */
  async #act(
    entityRef: string,
    action: ServerAction,
    user: RegistryUser,
    reason: string | undefined,
    prepare: (server: ServerRecord, trx: Knex) => Promise<ServerPatch>,
    definitions: DefinitionApproval[] = [],
  ): Promise<ServerRecord> {
    await this.#change(entityRef, user, async (server, trx) => {
      const to = statusAfter(server.status, action);
      const patch = await prepare(server, trx);
      await this.#servers.update(
        entityRef,
        { ...patch, status: to, statusReason: reason ?? null },
        trx,
      );
      const entry = { action, from: server.status, to, by: user.uuid, reason };
      await this.#servers.appendHistory(entityRef, entry, trx);
      return [
        serverDecision(server.name, entry),
        ...definitionDecisions(server.name, 'approved', definitions),
      ];
    });
    return this.#servers.get(entityRef);
  }

  async #noteDefinitions(
    { entityRef, status }: ServerRecord,
    action: 'approve-definitions' | 'reject-definitions',
    user: RegistryUser,
    reason: string,
    trx: Knex,
  ): Promise<void> {
    await this.#servers.appendHistory(
      entityRef,
      { action, from: status, to: status, by: user.uuid, reason },
      trx,
    );
  }

  /** @param change - returns what the audit trail has to know */
  async #change(
    entityRef: string,
    user: RegistryUser,
    change: (server: ServerRecord, trx: Knex) => Promise<Decision[]>,
  ): Promise<void> {
    this.#decisions.assertAvailable();
    const decided = await this.#database.transaction(async trx => {
      const server = await this.#servers.lock(entityRef, trx);
      const decisions = await change(server, trx);
      await this.#version.bump(entityRef, trx);
      return decisions;
    });
    await this.#version.announce();
    await this.#decisions.record(user.uuid, decided);
  }
}
