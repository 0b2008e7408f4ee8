import type { ClientOrigin, GrantLimits } from '../consent';
import type { ResourceKind } from '../resources';

/** How a connection came to be. @public */
export type GrantType =
  | 'authorization_code'
  | 'device_code'
  | 'personal_token'
  | 'token_exchange'
  | 'client_credentials';

/** Something that may act for a user or service until it expires or is revoked. @public */
export interface Connection {
  /** UUID. */
  id: string;
  name: string;
  /** UUID of the user or service. */
  principal: string;
  client: { id: string; name: string; origin: ClientOrigin };
  grantType: GrantType;
  resources: Array<{
    audience: string;
    kind: ResourceKind;
    portal?: string;
    scopes: string[];
  }>;
  limits: GrantLimits;
  /** User agent of the program that signed in last. */
  device?: string;
  /** ISO 8601, as all times here. */
  createdAt: string;
  expiresAt: string;
  lastUsedAt?: string;
  /** IP address of the last use. */
  lastUsedFrom?: string;
  revokedAt?: string;
  revokedReason?: string;
}

/** Which of the organisation's connections to list or revoke; all given conditions must hold. @public */
export interface ConnectionQuery {
  /** Entity ref or UUID of the user or service. */
  principal?: string;
  clientId?: string;
  /** Created, or last used if `unusedOnly`, at least this many days ago. */
  olderThanDays?: number;
  /** Measures age from the last use instead of the creation. */
  unusedOnly?: boolean;
}

/** A page of connections, newest first. @public */
export interface ConnectionPage {
  items: Connection[];
  totalItems: number;
  /** For the next page; undefined on the last one. */
  nextCursor?: string;
}

/** Asks for a token that is shown once. @public */
export interface PersonalTokenRequest {
  name: string;
  audience: string;
  scopes: string[];
  limits: GrantLimits;
  lifetimeSeconds: number;
}

/** A new personal token. @public */
export interface PersonalToken {
  /** The token itself. It is not stored and cannot be shown again. */
  token: string;
  connection: Connection;
}
