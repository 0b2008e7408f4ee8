import type { AgentScope, ResourceKind } from '../resources';

/** How the platform knows a client. @public */
export type ClientOrigin =
  /** An administrator registered it, in the configuration or on the page. */
  | 'registered'
  /** It describes itself in a document at its client id's URL. */
  | 'document'
  /** It registered itself, and says of itself what it likes. */
  | 'dynamic';

/** What a user has to watch out for before approving. @public */
export type ConsentWarning =
  /** The answer goes to a program on this machine, and any program there could claim this client's name. */
  | 'loopback-redirect'
  /** No administrator has registered this client. */
  | 'unknown-client'
  /** Approves a sign-in on another device. */
  | 'device';

/** A client, as a user needs to see it to judge it. @public */
export interface ConsentClient {
  id: string;
  name: string;
  origin: ClientOrigin;
  /** Host of the document that describes it, for origin `document`. */
  documentHost?: string;
  /** Its home page, as it says itself. */
  uri?: string;
}

/** A resource that a client asks for. @public */
export interface ConsentResource {
  /** URL of the resource, the token's audience. */
  audience: string;
  kind: ResourceKind;
  title: string;
  /** Name of the portal, for kind `portal`. */
  portal?: string;
  scopes: Array<AgentScope & { requested: boolean }>;
  limits: Array<'servers' | 'models' | 'budget'>;
}

/** How a user narrows what a client may do. @public */
export interface GrantLimits {
  /** Names of MCP servers, `*` as a wildcard; undefined for all that the user may use. */
  servers?: string[];
  /** Names of models, `*` as a wildcard; undefined for all that the user may use. */
  models?: string[];
  /** Money that may be spent in a calendar day (UTC), US dollars. */
  budgetUsdPerDay?: number;
}

/** What a user is asked to approve. @public */
export interface ConsentRequest {
  client: ConsentClient;
  /** Where the answer goes; not for device sign-in. */
  redirect?: { uri: string; host: string; loopback: boolean };
  /** Who asks, for device sign-in. */
  device?: { address?: string; userAgent?: string };
  resources: ConsentResource[];
  warnings: ConsentWarning[];
  /** Lifetimes to choose from, seconds, ascending. */
  lifetimesSeconds: number[];
  defaultLifetimeSeconds: number;
  /** What this user chose for this client the last time. */
  remembered?: ConsentDecision;
  /**
   * Id of the auth provider (as in `/api/auth/<id>`) whose ID token the page
   * should send along, so that its claims can be verified and recorded.
   */
  identityProvider?: string;
  /** ISO 8601. */
  expiresAt: string;
}

/** What a user approves: at most what was asked for. @public */
export interface ConsentDecision {
  resources: Array<{ audience: string; scopes: string[] }>;
  limits: GrantLimits;
  /** After which the client has to ask again, seconds. */
  lifetimeSeconds: number;
  /** Name by which the user finds the connection again. Default: the client's. */
  name?: string;
}

/** The body of an approval. @public */
export interface ConsentApproval extends ConsentDecision {
  /** The identity provider's ID token of the user; see {@link ConsentRequest.identityProvider}. */
  idToken?: string;
}
