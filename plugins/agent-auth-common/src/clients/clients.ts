/** A client that an administrator registers. @public */
export interface RegisteredClient {
  id: string;
  name: string;
  /** Where authorization codes may be sent. A loopback address matches every port. */
  redirectUris: string[];
  /** Whether it may sign in on another device (RFC 8628). */
  deviceFlow: boolean;
  /** Its home page. */
  uri?: string;
  /** Whether it proves itself with a secret. */
  confidential: boolean;
  /** Entity as which it acts with its own credentials (client credentials grant). */
  entityRef?: string;
  /** Scopes of the client credentials grant, by resource. */
  serviceResources?: Array<{ audience: string; scopes: string[] }>;
  /** Whether it stands in the configuration, and can be changed only there. */
  fromConfig: boolean;
  /** ISO 8601; undefined for those in the configuration. */
  createdAt?: string;
}

/** What is needed to register a client. @public */
export type RegisteredClientInput = Omit<
  RegisteredClient,
  'fromConfig' | 'createdAt'
>;

/** A new client; the secret is shown once. @public */
export interface NewRegisteredClient {
  client: RegisteredClient;
  secret?: string;
}
