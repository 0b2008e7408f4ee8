import type { ResourceKind } from '@prompt-corner/plugin-agent-auth-common';
import type { ClaimCondition } from './claims';

/** A system whose signed tokens (JWTs) may be exchanged for agent tokens (RFC 8693). */
export interface TrustedIssuer {
  /** By which messages and the audit trail name it. */
  name: string;
  /** The exact value of the claim `iss`. */
  issuer: string;
  /** A token has to be for one of these. */
  audiences: string[];
  /**
   * Where its public keys are. Neither: at the `jwks_uri` of its
   * `/.well-known/openid-configuration`.
   */
  jwksUri?: string;
  /** Path of a key set on disk; read again when it changes. */
  jwksFile?: string;
  /** Signature algorithms, asymmetric ones only. */
  algorithms: string[];
  /** How long ago a token may have been issued, seconds. */
  maxTokenAgeSeconds: number;
  /** The first one that matches decides. */
  rules: ExchangeRule[];
}

/** What the bearer of certain claims gets. */
export interface ExchangeRule {
  /** All have to hold. */
  conditions: ClaimCondition[];
  /** Full ref of the entity as which it acts; may hold claims, as in `component:default/{{name}}`. */
  entityRef: string;
  resources: ExchangedResource[];
  /** How long the agent token lives, seconds. */
  lifetimeSeconds: number;
}

/** A resource that an exchanged token may be for. */
export interface ExchangedResource {
  kind: ResourceKind;
  /** For kind `portal`. */
  portal?: string;
  /** At least one. */
  scopes: string[];
}
