import type {
  BackstageCredentials,
  BackstageUserPrincipal,
  LoggerService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { catalogEntityReadPermission } from '@backstage/plugin-catalog-common/alpha';
import { AuthorizeResult } from '@backstage/plugin-permission-common';

/** How long a decision is kept; so long may an answer still name what a new policy hides. */
const TTL_MS = 10_000;

const MAX_KEPT = 10_000;

/** Knows which users may read every entity of the catalog, so that refs need not be checked one by one. */
export class ReadAccess {
  readonly #permissions: PermissionsService;
  readonly #logger: LoggerService;
  readonly #kept = new Map<string, { everything: boolean; expires: number }>();

  constructor(options: {
    permissions: PermissionsService;
    logger: LoggerService;
  }) {
    this.#permissions = options.permissions;
    this.#logger = options.logger;
  }

  /**
   * True when the policy lets the user read all entities without a condition;
   * false as well when it cannot be asked.
   */
  async toEverything(credentials: BackstageCredentials): Promise<boolean> {
    const key = keyOf(credentials);
    const kept = this.#kept.get(key);
    if (kept && kept.expires > Date.now()) {
      return kept.everything;
    }
    let everything = false;
    try {
      const [{ result }] = await this.#permissions.authorizeConditional(
        [{ permission: catalogEntityReadPermission }],
        { credentials },
      );
      everything = result === AuthorizeResult.ALLOW;
    } catch (error) {
      this.#logger.warn(`Could not ask for a permission decision: ${error}`);
      return false;
    }
    if (this.#kept.size >= MAX_KEPT) {
      this.#kept.clear();
    }
    this.#kept.set(key, { everything, expires: Date.now() + TTL_MS });
    return everything;
  }
}

/** Who is asking, and for whom: a policy may look at both. */
function keyOf(credentials: BackstageCredentials): string {
  const { userEntityRef, actor } =
    credentials.principal as BackstageUserPrincipal;
  return `${userEntityRef} ${actor?.subject ?? ''}`;
}
