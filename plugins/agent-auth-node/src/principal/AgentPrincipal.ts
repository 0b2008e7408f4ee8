import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type {
  GrantLimits,
  GrantType,
  ResourceKind,
} from '@prompt-corner/plugin-agent-auth-common';

/** Who is calling, through which client, and what that client was allowed. @public */
export interface AgentPrincipal {
  kind: 'user' | 'service';
  /** The user, or the catalog entity that a service stands for. */
  entityRef: string;
  /** By which usage, audit and logs know the caller. */
  uuid: string;
  /**
   * Refs of the groups that a user is a member of, and of all groups above
   * them; for a service those that own its entity. Empty for who has none.
   */
  teams: string[];
  /** Refs of the systems that the teams own. */
  systems: string[];
  /** Refs of the domains that the teams own, and of the systems' domains. */
  domains: string[];
  client: { id: string; name: string };
  /** The connection's id, by which a user finds and revokes it. */
  connectionId: string;
  grantType: GrantType;
  /** What the token is for. */
  resource: { kind: ResourceKind; audience: string; portal?: string };
  scopes: ReadonlySet<string>;
  limits: GrantLimits;
  /** What the identity provider said when the user approved, verified. */
  claims: AgentClaims;
  network: AgentNetwork;
  /**
   * To act in Backstage with the caller's own rights, at the plugin that asks.
   * For a service these are the plugin's own.
   *
   * @throws AuthenticationError when the user has left or the portal's sign-in of the user has ended
   */
  backstageCredentials(): Promise<BackstageCredentials>;
}

/** Claims of an identity provider about a sign-in (OpenID Connect Core, section 2). @public */
export interface AgentClaims {
  /** Authentication methods, such as `mfa` or `hwk` (RFC 8176). */
  amr?: string[];
  /** Authentication context class. */
  acr?: string;
  /** When the user last signed in there, seconds since the epoch. */
  authTime?: number;
}

/** Where a request comes from, as far as trusted proxies and the connection tell. @public */
export interface AgentNetwork {
  /** IP address of the caller. */
  address?: string;
  /** Names of the configured networks that contain the address. */
  names: string[];
  /** Device attributes that a trusted proxy has added, by configured name. */
  device: Record<string, string>;
}
