import { createHash } from 'node:crypto';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type { Knex } from 'knex';
import type { CredentialDescription, UserCredentialStore } from '../oauth';
import type { CredentialSettings } from '../settings';
import type { UpstreamServer } from '../UpstreamServer';

/** Sends notifications in Backstage. */
export type Notifications = Pick<NotificationService, 'send'>;

/**
 * Tells users before a credential of theirs ends, or when it has, and
 * administrators before a shared secret does: once for each.
 */
export class ExpiryNotices {
  readonly #database: Knex;
  readonly #store: UserCredentialStore;
  readonly #settings: CredentialSettings;
  readonly #notifications: Notifications;
  readonly #servers: () => Promise<UpstreamServer[]>;
  readonly #entityRefOf: (uuid: string) => Promise<string | undefined>;
  readonly #administrators: string[];
  readonly #noticeMs: number;
  readonly #page: string;
  readonly #logger: LoggerService;

  constructor(options: {
    database: Knex;
    store: UserCredentialStore;
    settings: CredentialSettings;
    notifications: Notifications;
    servers: () => Promise<UpstreamServer[]>;
    /** Full entity ref of a user; undefined for one who has left. */
    entityRefOf: (uuid: string) => Promise<string | undefined>;
    /** Entity refs of who looks after shared secrets. */
    administrators: string[];
    /** How long before. */
    noticeMs: number;
    /** URL of the page with a user's connections. */
    page: string;
    logger: LoggerService;
  }) {
    this.#database = options.database;
    this.#store = options.store;
    this.#settings = options.settings;
    this.#notifications = options.notifications;
    this.#servers = options.servers;
    this.#entityRefOf = options.entityRefOf;
    this.#administrators = options.administrators;
    this.#noticeMs = options.noticeMs;
    this.#page = options.page;
    this.#logger = options.logger;
  }

  /** Sends what is due. One that cannot be sent is tried again the next time. */
  async send(now = Date.now()): Promise<void> {
    const servers = await this.#servers();
    const due = new Date(now + this.#noticeMs);
    for (const credential of await this.#store.listEnding(
      due,
      this.#noticeMs,
    )) {
      await this.#tellUser(credential, servers, now);
    }
    for (const server of servers) {
      await this.#tellAdministrators(server, due, now);
    }
  }

  async #tellUser(
    credential: CredentialDescription,
    servers: UpstreamServer[],
    now: number,
  ): Promise<void> {
    const server = servers.find(
      ({ entityRef }) => entityRef === credential.server,
    );
    if (!(await this.#store.markNotified(credential, new Date(now)))) {
      return;
    }
    const entityRef = server && (await this.#entityRefOf(credential.user));
    if (!entityRef) {
      return;
    }
    const hasEnded = !credential.usable || credential.endsAt!.getTime() <= now;
    const sent = await this.#send(entityRef, {
      title: hasEnded
        ? `Your connection to ${server.name} has ended`
        : `Your connection to ${server.name} ends soon`,
      description: hasEnded
        ? 'Agents that act for you cannot use this MCP server until you connect it again.'
        : `Agents that act for you can use this MCP server until ${credential.endsAt!.toISOString()}. Connect it again before.`,
      link: this.#page,
      topic: 'credentials',
      scope: `credential:${credential.server}`,
    });
    if (!sent) {
      await this.#store.markNotified(credential, null);
    }
  }

  async #tellAdministrators(
    server: UpstreamServer,
    due: Date,
    now: number,
  ): Promise<void> {
    const { settings } = this.#settings.of(server);
    const expiresAt =
      'expiresAt' in settings && settings.expiresAt
        ? new Date(settings.expiresAt)
        : undefined;
    if (!expiresAt || expiresAt > due || !this.#administrators.length) {
      return;
    }
    const id = createHash('sha256')
      .update(JSON.stringify([server.entityRef, expiresAt]))
      .digest('hex');
    const notices = () => this.#database('credential_notices').where({ id });
    if (await notices().first()) {
      return;
    }
    // Of replicas that do this at the same time, one wins.
    const inserted = await this.#database('credential_notices')
      .insert({ id, sent_at: new Date(now) })
      .onConflict('id')
      .ignore()
      .returning('id');
    if (!inserted.length) {
      return;
    }
    const sent = await this.#send(this.#administrators, {
      title: `The credentials of the MCP server ${server.name} end`,
      description: `The secret with which the portal signs in at ${
        server.name
      } ends on ${expiresAt.toISOString()}. Replace it.`,
      link: this.#page,
      severity: 'high',
      topic: 'shared-credentials',
      scope: `shared-credential:${server.entityRef}`,
    });
    if (!sent) {
      await notices().delete();
    }
  }

  async #send(
    entityRef: string | string[],
    payload: Parameters<NotificationService['send']>[0]['payload'],
  ): Promise<boolean> {
    try {
      await this.#notifications.send({
        recipients: { type: 'entity', entityRef },
        payload,
      });
      return true;
    } catch (error) {
      this.#logger.warn(
        `A notification that credentials end could not be sent: ${
          (error as Error).name
        }`,
      );
      return false;
    }
  }
}
