import type { DiscoveryService } from '@backstage/backend-plugin-api';
import {
  ResourceKind,
  ResourceType,
  resourceTypes,
} from '@prompt-corner/plugin-agent-auth-common';

/** One resource: the target of a token. */
export interface AgentResource {
  type: ResourceType;
  /** Its URL for clients, the audience of tokens. */
  audience: string;
  /** For kind `portal`. */
  portal?: string;
}

/** Name of the portal that a token without a named one is for. */
export const DEFAULT_PORTAL = 'default';

/** Of a portal, or of one API in portals. */
const PORTAL = /^(apis\/)?[A-Za-z0-9_-]{1,63}$/;

/** Knows which URLs are resources of the platform. */
export class AgentResources {
  readonly #types: Array<{ type: ResourceType; url: string }>;
  readonly #shortUrl: string;

  private constructor(
    types: Array<{ type: ResourceType; url: string }>,
    shortUrl: string,
  ) {
    this.#types = types;
    this.#shortUrl = shortUrl;
  }

  static async create(options: {
    discovery: DiscoveryService;
  }): Promise<AgentResources> {
    return new AgentResources(
      await Promise.all(
        resourceTypes.map(async type => ({
          type,
          url: `${await options.discovery.getExternalBaseUrl(type.pluginId)}${
            type.path
          }`,
        })),
      ),
      await shortPortalUrl(options.discovery),
    );
  }

  /**
   * The resource that a resource indicator names (RFC 8707).
   *
   * @param indicator - its URL; a slash at the end does not matter
   */
  find(indicator: string): AgentResource | undefined {
    if (!URL.canParse(indicator)) {
      return undefined;
    }
    const { search, hash, username, password, href } = new URL(indicator);
    if (search || hash || username || password) {
      return undefined;
    }
    const url = this.#inFull(href.replace(/\/$/, ''));
    for (const { type, url: known } of this.#types) {
      const [before, after] = known.split(':portal');
      if (after === undefined) {
        if (url === known) {
          return { type, audience: known };
        }
        continue;
      }
      const portal = url.startsWith(before)
        ? url.slice(before.length)
        : undefined;
      if (portal !== undefined && PORTAL.test(portal)) {
        return { type, audience: url, portal };
      }
    }
    return undefined;
  }

  /** Portals have short URLs as well; a token for one is a token for the portal. */
  #inFull(url: string): string {
    if (url === this.#shortUrl) {
      return this.of('portal').audience;
    }
    return url.startsWith(`${this.#shortUrl}/`)
      ? this.of('portal', url.slice(this.#shortUrl.length + 1)).audience
      : url;
  }

  /** The resource that a configuration names: by its URL, or as `catalog`, `proxy` or `portal/<name>`. */
  named(name: string): AgentResource | undefined {
    const [kind, portal, ...rest] = name.split('/');
    const type = this.#types.find(candidate => candidate.type.kind === kind);
    if (!type || rest.length) {
      return this.find(name);
    }
    const isNamed = portal === undefined || PORTAL.test(portal);
    return isNamed ? this.of(type.type.kind, portal) : undefined;
  }

  /** The resource of a kind, for those who know its name only. */
  of(kind: ResourceKind, portal = DEFAULT_PORTAL): AgentResource {
    const found = this.#types.find(({ type }) => type.kind === kind)!;
    const audience = found.url.replace(':portal', portal);
    return kind === 'portal'
      ? { type: found.type, audience, portal }
      : { type: found.type, audience };
  }

  /** The one resource that a set of scopes can only mean, if it is only one. */
  ofScopes(scopes: string[]): AgentResource | undefined {
    const kinds = this.#types.filter(({ type }) =>
      type.scopes.some(({ name }) => scopes.includes(name)),
    );
    return kinds.length === 1 ? this.of(kinds[0].type.kind) : undefined;
  }

  /** All resources; of portals the default one. */
  list(): AgentResource[] {
    return this.#types.map(({ type }) => this.of(type.kind));
  }
}

/** `/mcp` at the root of the backend; empty where the backend's paths are others. */
async function shortPortalUrl(discovery: DiscoveryService): Promise<string> {
  const plugin = await discovery.getExternalBaseUrl('mcp-portal');
  const [, root] = /^(.+)\/api\/mcp-portal$/.exec(plugin) ?? [];
  return root ? `${root}/mcp` : '';
}
