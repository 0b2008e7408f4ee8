import {
  AuthorizeResult,
  PolicyDecision,
} from '@backstage/plugin-permission-common';
import type {
  PermissionPolicy,
  PolicyQuery,
  PolicyQueryUser,
} from '@backstage/plugin-permission-node';

/** By how their names begin: permissions of those who run the portal. */
const ADMINISTRATION = ['agent-auth.', 'ai-proxy.', 'mcp-portal.admin.'];

/**
 * Everybody who has signed in may do everything, except run the portal.
 *
 * A company with secrets within replaces it.
 */
export class PortalPolicy implements PermissionPolicy {
  readonly #administrators: ReadonlySet<string>;

  /** @param options.administrators - entity refs of users and groups, in lower case */
  constructor(options: { administrators: string[] }) {
    this.#administrators = new Set(options.administrators);
  }

  async handle(
    { permission }: PolicyQuery,
    user?: PolicyQueryUser,
  ): Promise<PolicyDecision> {
    const isAdministration = ADMINISTRATION.some(prefix =>
      permission.name.startsWith(prefix),
    );
    const allowed =
      !isAdministration ||
      user?.info.ownershipEntityRefs.some(ref => this.#administrators.has(ref));
    return { result: allowed ? AuthorizeResult.ALLOW : AuthorizeResult.DENY };
  }
}
