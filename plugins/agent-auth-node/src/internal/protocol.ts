import type {
  GrantLimits,
  GrantType,
  ResourceKind,
} from '@prompt-corner/plugin-agent-auth-common';
import type { AgentClaims } from '../principal';

/*
 * What plugins and the agent-auth backend say to each other, below
 * `/api/agent-auth/internal`. Only plugins may call: each request carries a
 * Backstage plugin token. Tokens of agents never travel here, only their hashes.
 */

/** What a token stands for. @internal */
export interface TokenFacts {
  connectionId: string;
  /** SHA-256 of the token, hex; see `hashToken`. */
  hash: string;
  principal: {
    kind: 'user' | 'service';
    entityRef: string;
    uuid: string;
    teams: string[];
    systems: string[];
    domains: string[];
  };
  client: { id: string; name: string };
  grantType: GrantType;
  resource: { kind: ResourceKind; audience: string; portal?: string };
  scopes: string[];
  limits: GrantLimits;
  claims: AgentClaims;
  /** Milliseconds since the epoch. */
  expiresAt: number;
  /** Thumbprint of the key that the token is bound to (RFC 9449, section 6). */
  jkt?: string;
}

/** Most hashes in one {@link IntrospectionRequest}. @internal */
export const MAX_INTROSPECTED_HASHES = 200;

/** Most uses in one {@link UsesRequest}. Keeps the body below Express' default limit of 100 kB. @internal */
export const MAX_REPORTED_USES = 150;

/** Body of `POST /internal/tokens/introspect`. @internal */
export interface IntrospectionRequest {
  /** Up to {@link MAX_INTROSPECTED_HASHES}. */
  hashes: string[];
}

/** Answer of `POST /internal/tokens/introspect`. @internal */
export interface IntrospectionResponse {
  /**
   * In the order of the hashes. Null for a token that is unknown, expired or
   * revoked; `unavailable` for one whose user cannot be looked up just now. The
   * same whichever plugin asks: askers share what they learn.
   */
  items: Array<TokenFacts | { unavailable: true } | null>;
  /**
   * Sequence number of the latest revocation, read before the items: each
   * revocation that the items do not show has a greater one.
   */
  last: number;
}

/** Answer of `GET /internal/revocations?after=<sequence number>`. @internal */
export interface RevocationsResponse {
  /** Sequence number of the latest revocation; nothing up to it is left out. */
  last: number;
  /** Whether `after` is too old, or of another history, to be answered: all that is known has to be forgotten. */
  reset: boolean;
  /** Ids of the connections that were revoked. */
  connections: string[];
  /** Hashes of the tokens that were revoked by themselves. */
  hashes: string[];
}

/** Body of `POST /internal/credentials`. @internal */
export interface CredentialsRequest {
  connectionId: string;
}

/** Answer of `POST /internal/credentials`; 401 or 404 when the user cannot be acted for any more. @internal */
export interface CredentialsResponse {
  /** A Backstage token on behalf of the user, for the plugin that asks. */
  token: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** Body of `POST /internal/principals`: one of both. @internal */
export interface PrincipalRequest {
  /** Of a user. */
  entityRef?: string;
  /** Of a user or service, who is to be told something. */
  uuid?: string;
}

/** Answer of `POST /internal/principals`; 404 when nobody in the catalog is it. @internal */
export interface PrincipalResponse {
  uuid: string;
  entityRef: string;
  /** Full entity refs of the groups, nested ones too. */
  teams: string[];
}

/** So many users and services may be asked for at once. @internal */
export const MAX_ASKED_PRESENCES = 200;

/** Body of `POST /internal/presences`. @internal */
export interface PresencesRequest {
  /** Up to {@link MAX_ASKED_PRESENCES}. */
  uuids: string[];
}

/** Answer of `POST /internal/presences`. @internal */
export interface PresencesResponse {
  /** Those of them who are in the catalog. */
  present: string[];
}

/** The last use of a connection. @internal */
export interface ConnectionUse {
  connectionId: string;
  /** ISO 8601. */
  at: string;
  /** IP address. */
  address?: string;
  userAgent?: string;
}

/** Body of `POST /internal/uses`. @internal */
export interface UsesRequest {
  /** Up to {@link MAX_REPORTED_USES}, one for each connection. */
  uses: ConnectionUse[];
}
