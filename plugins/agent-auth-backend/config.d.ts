import { HumanDuration } from '@backstage/types';

export interface Config {
  /**
   * Access of coding agents, MCP clients, CI and services.
   */
  agentAuth?: {
    encryption?: {
      /**
       * Secrets with which refresh tokens and keys are encrypted in the database.
       * The first one encrypts, all of them decrypt. To change it: add the new one as
       * the last one on every replica, then put it in front, and take the old one away
       * once every user has connected again (90 days at the latest). Needed in production. At least 32 characters, such as
       * the output of `openssl rand -base64 32`.
       */
      keys?: Array<{
        id: string;
        /** @visibility secret */
        secret: string;
      }>;
    };

    /** How long a key signs that the server made by itself. Default: 30 days. */
    keyRotation?: HumanDuration | string;

    /**
     * Path of a file with the private keys that sign ID tokens, as a JSON Web Key Set
     * (ES256, RS256 or PS256), for those who manage keys elsewhere. The first one signs, all are published. It is read
     * again every 10 minutes. Default: keys that the server makes and rotates by itself.
     */
    signingKeysFile?: string;

    tokens?: {
      /**
       * How long an access token lasts before the client has to refresh it. Default: 1
       * hour; a day for the login scripts, whose users would have to run them again.
       * Revoked tokens end within seconds, however long they last.
       */
      accessTokenLifetime?: HumanDuration | string;
      /**
       * For how long users may let a client in. Default: 8 hours, 1, 7, 30 and 90 days.
       */
      lifetimes?: HumanDuration[];
      /** Which of them is selected at first. Default: 30 days. */
      defaultLifetime?: HumanDuration | string;
    };

    /** Clients that every user may let in, and services. More can be registered on the page. */
    clients?: Array<{
      /** Letters, digits, ".", "_", "~" and "-". */
      id: string;
      name: string;
      /** Where authorization codes may be sent. For a loopback address the port does not matter. */
      redirectUris?: string[];
      /** Whether it may sign in on another device (RFC 8628). Default: false. */
      deviceFlow?: boolean;
      /** Its home page. */
      uri?: string;
      /**
       * Makes it a confidential client.
       * @visibility secret
       */
      secret?: string;
      /**
       * Entity as which a service acts with its own credentials, such as
       * component:default/release-bot. Never a user or group.
       */
      entityRef?: string;
      /** What it may use with its own credentials (client credentials grant). */
      serviceResources?: Array<{
        /** catalog, proxy, portal/<name>, or the URL of one of them. */
        resource: string;
        scopes: string[];
      }>;
    }>;

    /** Clients that describe themselves in a document at their id's URL (CIMD). */
    clientDocuments?: {
      /** Default: true. */
      enabled?: boolean;
      /**
       * Which ids are accepted: URLs in which the host is exact, `*.suffix` or `*`,
       * and a `*` in the path stays within one segment unless it is the last. Setting
       * it replaces the default: https://claude.ai/*, https://vscode.dev/*,
       * https://chatgpt.com/oauth/codex/*\/client.json
       */
      allowedClientIds?: string[];
      /**
       * Hosts (with their port, if it is not the usual one) of such documents that may
       * have a private address.
       *
       * @example ["tools.internal"]
       */
      trustedHosts?: string[];
    };

    /**
     * Clients that register themselves (RFC 7591), for those that can do nothing better.
     * Public ones only, by the same rules as documents; one that no user approves is
     * forgotten after a day.
     */
    dynamicRegistration?: {
      /** Default: false. */
      enabled?: boolean;
    };

    /**
     * Whose ID tokens say how a user signed in. Their claims amr, acr and auth_time are
     * verified, recorded when a user lets a client in, and can be conditions of policies.
     */
    identityProvider?: {
      /** Id of the auth provider in Backstage, such as okta. */
      authProvider: string;
      issuer: string;
      /** The client id of Backstage there. */
      audience: string;
      /** Default: as the issuer's metadata says. */
      jwksUri?: string;
    };

    /**
     * Systems whose tokens are exchanged for short tokens of a service (RFC 8693): CI,
     * Kubernetes, Cloudflare Access.
     */
    exchange?: Array<{
      /** By which messages and the audit log name it. */
      name: string;
      /** The exact claim `iss`. */
      issuer: string;
      /** Values of the claim `aud` that are meant for this portal. */
      audience: string | string[];
      /** Where its public keys are. Default: as its OpenID Connect metadata says. */
      jwksUri?: string;
      /** Path of a file with its public keys, instead. */
      jwksFile?: string;
      /** Asymmetric signature algorithms. */
      algorithms?: string[];
      /** How old a token may be. Default: 1 hour. */
      maxTokenAge?: HumanDuration | string;
      /** The first rule whose claims all match decides. */
      rules: Array<{
        /**
         * Claims by name, or by JSON pointer for nested ones. `*` stands for any
         * characters; of several values any may match.
         *
         * @example { "project_path": "payments/*", "ref_protected": "true" }
         */
        claims: { [claim: string]: string | string[] };
        /**
         * Entity as which it acts; may hold claims.
         *
         * @example "component:default/{{project_name}}"
         */
        entityRef: string;
        resources: Array<{
          /** catalog, proxy, or portal/<name>. */
          resource: string;
          scopes: string[];
        }>;
        /** How long the token lasts. */
        lifetime?: HumanDuration | string;
      }>;
    }>;

    /**
     * Whether to serve the metadata at /.well-known/oauth-authorization-server/api/agent-auth.
     * Default: unless the MCP actions plugin is installed, which claims a shorter path.
     */
    serveAuthorizationServerMetadata?: boolean;

    /** How soon a change of teams, or that a user has left, is noticed. Default: 1 minute. */
    organisationInterval?: HumanDuration | string;

    /**
     * After which absence from the catalog all connections of a user or service are
     * revoked; they are refused from the beginning. Default: 1 hour.
     */
    revokedAfterAbsence?: HumanDuration | string;
  };
}
