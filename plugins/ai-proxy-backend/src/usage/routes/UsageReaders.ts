import type {
  AuditorService,
  BackstageCredentials,
  BackstageServicePrincipal,
  BackstageUserPrincipal,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import type {
  AdminPermissions,
  AgentAuthService,
} from '@prompt-corner/plugin-agent-auth-node';
import { aiProxyUsageReadPermission } from '@prompt-corner/plugin-ai-proxy-common';
import type { Request } from 'express';

type Credentials = BackstageCredentials<
  BackstageUserPrincipal | BackstageServicePrincipal
>;

/** What {@link UsageReaders} is made with. */
export interface UsageReadersOptions {
  httpAuth: HttpAuthService;
  admins: AdminPermissions;
  agentAuth: Pick<AgentAuthService, 'userOf'>;
  auditor: AuditorService;
}

/**
 * Who may read which usage:
 *
 * - users, their own
 * - users, what the teams that they are in did together, without who did what
 * - users and services with the permission `ai-proxy.usage.read`, everything, by UUID
 */
export class UsageReaders {
  readonly #options: UsageReadersOptions;

  constructor(options: UsageReadersOptions) {
    this.#options = options;
  }

  /** UUID of the signed-in user. @throws AuthenticationError or NotAllowedError when there is none; agents are none */
  async own(request: Request): Promise<string> {
    return (await this.#user(request)).uuid;
  }

  /**
   * @param team - full entity ref
   * @throws NotAllowedError when the user is not in it, whether it exists or not
   */
  async assertTeam(request: Request, team: string): Promise<void> {
    const { teams, credentials } = await this.#user(request);
    if (
      !teams.includes(team) &&
      !(await this.#options.admins.isGiven(
        aiProxyUsageReadPermission,
        credentials,
      ))
    ) {
      throw new NotAllowedError(
        `You are not in ${team}: to read its usage you need the permission ${aiProxyUsageReadPermission.name}`,
      );
    }
  }

  /**
   * Lets those in who may read everything. That somebody reads what single people
   * did is in the Backstage audit log.
   *
   * @param read - what of single people is read, if anything
   * @throws NotAllowedError for others
   */
  async assertOrganisation(
    request: Request,
    read?: { eventId: string; meta: JsonObject },
  ): Promise<void> {
    const credentials = await this.#options.httpAuth.credentials(request, {
      allow: ['user', 'service'],
    });
    await this.#options.admins.assertGiven(
      aiProxyUsageReadPermission,
      credentials,
    );
    if (read) {
      await this.#report(credentials, read);
    }
  }

  async #user(request: Request) {
    const credentials = await this.#options.httpAuth.credentials(request, {
      allow: ['user'],
    });
    const user = await this.#options.agentAuth.userOf(
      credentials.principal.userEntityRef,
    );
    return { ...user, credentials };
  }

  /** Not with the request, which would tell the audit log the user's name. */
  async #report(
    credentials: Credentials,
    read: { eventId: string; meta: JsonObject },
  ): Promise<void> {
    const { principal } = credentials;
    const reader =
      principal.type === 'service'
        ? principal.subject
        : (await this.#options.agentAuth.userOf(principal.userEntityRef)).uuid;
    const event = await this.#options.auditor.createEvent({
      eventId: read.eventId,
      severityLevel: 'medium',
      meta: { principal: reader, ...read.meta },
    });
    await event.success();
  }
}
