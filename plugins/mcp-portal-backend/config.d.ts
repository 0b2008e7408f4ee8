import { HumanDuration } from '@backstage/types';
import { ActionRule, GuardrailsOptions } from '@prompt-corner/guardrails';

export interface Config {
  /**
   * One governed endpoint for MCP servers.
   */
  mcpPortal?: {
    /** Host names, without port, under which clients reach portals besides those of backend.baseUrl and app.baseUrl. */
    allowedHosts?: string[];

    /** Origins whose web pages may call portals, besides those of backend.baseUrl and app.baseUrl. */
    allowedOrigins?: string[];

    /** Whether portals are at /mcp/<portal> as well, and the first one at /mcp. Default: false. */
    shortPaths?: boolean;

    /** Endpoints, each with its servers and rules, by the name in its URL. Default: one, `default`, with all approved servers, for everybody who has signed in. */
    portals?: {
      [portal: string]: {
        /** Shown to users. Default: MCP portal. */
        title?: string;
        /** Told to clients as instructions. */
        description?: string;
        /**
         * Who may enter: everybody who has signed in, anybody without signing in
         * (public; then with tools that read only), or users, groups and services by
         * entity ref. Default: everybody.
         */
        allow?: 'everybody' | 'public' | string[];
        /** Names of its servers. Default: all that are approved. */
        servers?: 'all' | string[];
        /** What its tools may do. Default: all; in a public portal, read. */
        classes?: Array<'read' | 'write' | 'destructive'>;
        /** What has to hold at each request; all of them. */
        conditions?: {
          /** One of these networks of agentAuth.networks. */
          networks?: string[];
          /** One of these methods of the last sign-in, as the identity provider says (claim amr). */
          authenticationMethods?: string[];
          /** One of these contexts of the last sign-in (claim acr). */
          authenticationContexts?: string[];
          /** How old the last sign-in may be. */
          maxAuthenticationAge?: HumanDuration | string;
          /** Attributes of the device, of agentAuth.deviceHeaders, each with the values that are let in. */
          device?: { [attribute: string]: string | string[] };
          /** When it is open. A span over midnight belongs to the day on which it begins. */
          hours?: {
            /** Such as 08:00. */
            from: string;
            to: string;
            /** Default: all. */
            days?: Array<'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun'>;
            /** IANA time zone. Default: UTC. */
            timeZone?: string;
          };
        };
        /**
         * How tools, prompts and resources are named. `prefixed`: `<server>_<tool>`,
         * and `<server>+<uri>`. `original`: as the server has them, in a portal of
         * exactly one server. Default: prefixed.
         */
        naming?: 'prefixed' | 'original';
        /**
         * Names of your own for tools, by `<server>.<tool>` with the tool as its server
         * names it, such as `{ gitlab.projects.list: list_projects }`. An alias begins
         * with a letter, has letters, digits and "_", at most 64 of them, and is unique.
         */
        aliases?: { [tool: string]: string };
        /**
         * Two tools that take code, in place of all others. `off`: for nobody.
         * `opt_in`: for clients that ask for it by `?codemode=search_and_execute`.
         * `default_on`: for those that do not say `?codemode=off`. `enforced`: for all.
         * Default: opt_in; in a public portal off.
         */
        codeMode?: 'off' | 'opt_in' | 'default_on' | 'enforced';
        /** Requests and calls of one caller, on each replica. Default: 600 in a minute; in a public portal 60. */
        rateLimit?: {
          requests?: number;
          window?: HumanDuration | string;
        };
      };
    };

    /** Code of models that calls tools, in portals with `codeMode`. */
    codeMode?: {
      /** Of each execution. */
      limits?: {
        /** From start to answer, in milliseconds, without waiting for people. Default: 60000. */
        wallMs?: number;
        /** In milliseconds. Default: 2000. */
        cpuMs?: number;
        /** Of the JavaScript engine. Default: 67108864. */
        memoryBytes?: number;
        /** Calls of tools. Default: 100. */
        calls?: number;
        /** Calls of tools at the same time. Default: 16. */
        callsInFlight?: number;
        /** Default: 65536. */
        codeBytes?: number;
        /** Of one call, as JSON. Default: 1000000. */
        argumentBytes?: number;
        /** Of one call, as JSON. Default: 8000000. */
        resultBytes?: number;
        /** Of what the model is told. Default: 24000. */
        outputCharacters?: number;
        /** Default: 8192. */
        logBytes?: number;
        /** Of all sleeps, in milliseconds. Default: 30000. */
        sleepTotalMs?: number;
      };
      /** Processes in which code runs, on each replica. */
      processes?: {
        /** Kept ready. Default: 2. */
        warm?: number;
        /** One user gets half of them. Default: 8. */
        max?: number;
        /** Of one user, at the same time. Default: 4. */
        executionsPerProcess?: number;
        /** Executions that may wait for a process. Default: 64. */
        queue?: number;
        /** In milliseconds. Default: 15000. */
        queueMs?: number;
        /** In milliseconds, after which a process that has nothing to do ends. Default: 60000. */
        idleMs?: number;
      };
      /**
       * Run code also where neither bubblewrap nor unshare works. Then only the
       * JavaScript engine is between code and the network. Default: false in production.
       */
      allowPlain?: boolean;
      /** For how long executions are kept. Default: 30 days. */
      retention?: HumanDuration | string;
      /** For how long an execution that waits for a person can go on. Default: 24 hours. */
      resumable?: HumanDuration | string;
    };

    /**
     * MCP servers and APIs of the catalog, by their name in names of tools: a small letter
     * first, then letters and digits, at most 24.
     */
    servers?: {
      [name: string]: {
        /**
         * The catalog entity that has this name, such as api:default/gitlab-mcp; no
         * other gets it. Needed for `approved`.
         */
        entityRef?: string;
        /**
         * Approves the server without anybody on the pages: the review of this
         * configuration is the second person. Everything in its first snapshot is
         * approved, but for definitions with a critical finding; whatever it changes
         * later waits for an approver. Default: false.
         */
        approved?: boolean;
        /**
         * The URLs that are approved, in the order of the entity. When the entity has
         * others, the server is suspended. Default: those that the entity has when
         * this takes effect.
         */
        urls?: string[];
        /** What each tool can do, by the server's own name of the tool: read, write or destructive. */
        classes?: { [tool: string]: 'read' | 'write' | 'destructive' };
        /**
         * What the other tools can do. `suggested` takes the server's own word for it
         * (readOnlyHint and destructiveHint). Default: destructive.
         */
        defaultClass?: 'suggested' | 'read' | 'write' | 'destructive';
        /**
         * The only form in which a tool is approved by this configuration: sha256: and
         * 64 hexadecimal digits, as the page shows it. Works for changes too.
         */
        pins?: { [tool: string]: string };
        /**
         * How the portal signs in at this server. Wins over what administrators set on the
         * page. Secrets by reference, such as `${GITLAB_TOKEN}`.
         */
        credentials?:
          | { mode: 'none' }
          | {
              /** With a token of two minutes that says who is calling, signed by the portal; keys at /api/mcp-portal/jwks.json. */
              mode: 'caller-token';
              /** Claim `aud`. Default: the URL of the server. */
              audience?: string;
              /** Claim in which the caller's groups are told. Default: none. */
              groupsClaim?: string;
            }
          | {
              /** With headers that are the same for everybody. */
              mode: 'header';
              /** Of the server, such as https://gitlab.internal: they are sent nowhere else. */
              origin: string;
              headers: Array<{
                name: string;
                /** @visibility secret */
                value: string;
              }>;
              /** ISO 8601; administrators are told before. */
              expiresAt?: string;
            }
          | {
              /** With what each user let the portal do there (OAuth 2.1). */
              mode: 'oauth';
              /** The authorization server. Default: as the server's metadata says (RFC 9728). Needed with a client or endpoints. */
              issuer?: string;
              /** To ask for. Default: as the server says. */
              scopes?: string[];
              /** Registered for the portal, with the redirect URI <backend>/api/mcp-portal/oauth/callback. Default: a client that describes itself by a document, or registers itself. */
              client?: {
                id: string;
                /** @visibility secret */
                secret?: string;
                authMethod?: 'client_secret_basic' | 'client_secret_post';
              };
              /** For authorization servers without metadata, or with endpoints at another host than the issuer. */
              endpoints?: {
                authorization: string;
                token: string;
                revocation?: string;
              };
              /** ISO 8601; of the client's secret. */
              expiresAt?: string;
            }
          | {
              /** With a token of the portal's own, the same for everybody (RFC 6749, section 4.4). */
              mode: 'client-credentials';
              /** Of the server: the token is sent nowhere else. */
              origin: string;
              tokenEndpoint: string;
              client: {
                id: string;
                /** @visibility secret */
                secret: string;
                authMethod?: 'client_secret_basic' | 'client_secret_post';
              };
              scopes?: string[];
              audience?: string;
              resource?: string;
              expiresAt?: string;
            }
          | {
              /** With a token that an authorization server gives for the caller token (RFC 8693); it verifies that one with the keys at /api/mcp-portal/jwks.json. */
              mode: 'token-exchange';
              /** Of the server: the token is sent nowhere else. */
              origin: string;
              tokenEndpoint: string;
              client: {
                id: string;
                /** @visibility secret */
                secret?: string;
                authMethod?: 'client_secret_basic' | 'client_secret_post';
              };
              scopes?: string[];
              audience?: string;
              resource?: string;
              requestedTokenType?: string;
              /** Claim of the caller token in which the caller's groups are told. */
              groupsClaim?: string;
              expiresAt?: string;
            }
          | {
              /** As the caller, at a plugin of this backend. */
              mode: 'backstage';
              pluginId: string;
            };
      };
    };

    calls?: {
      /** How long a server may be silent during a call. Default: 1 minute; at most an hour. */
      timeout?: HumanDuration | string;
      /** How long a request waits for a person before the client is told to come back. Default: 50 seconds. */
      hold?: HumanDuration | string;
    };

    registry?: {
      /** How often the catalog is asked for MCP servers. Default: 1 minute. */
      catalogInterval?: HumanDuration | string;
      /**
       * How long approved servers stay served when the catalog suddenly has none, or
       * more than one and more than a fifth of them go missing: it may have lost its
       * database, or a location may be broken. One that goes missing alone is suspended
       * at once; 0 does so with all. Default: 10 minutes.
       */
      absenceGrace?: HumanDuration | string;
      /**
       * How often each approved server is asked what it offers, about. A server that
       * says that its lists changed is asked at once. Default: 10 minutes.
       */
      syncInterval?: HumanDuration | string;
      /** How long a server may take to say what it offers. Default: 1 minute. */
      syncTimeout?: HumanDuration | string;
      /**
       * What names of servers begin with in the registry API, in reverse-DNS form, such
       * as com.example. Default: the host name of app.baseUrl, reversed. Clients know
       * servers by these names: do not change it lightly.
       */
      namespace?: string;
      /**
       * Which approved servers the registry API shows without sign-in: those whose
       * entity has the annotation `prompt-corner.dev/registry-visibility: public`
       * (marked), all of them, or none. Only those are shown that a portal serves which
       * every user may enter. Default: marked.
       */
      anonymous?: 'marked' | 'all' | 'none';
      /** Requests to the registry API of one network address, on each replica. Default: 300. */
      requestsPerMinute?: number;
    };

    /** Calls and requests for access that wait for a person. */
    approvals?: {
      /** How long a held call can be decided. Default: 15 minutes. */
      callsWaitFor?: HumanDuration | string;
      /** How long a request for access can be decided. Default: 14 days. */
      accessWaitsFor?: HumanDuration | string;
      /** How soon an approved call has to be made. Default: 15 minutes. */
      approvedCallsLast?: HumanDuration | string;
      /** The longest access that can be asked for. Default: 90 days. */
      longestAccess?: HumanDuration | string;
      /** How many requests of one user or service can wait. Default: 50. */
      maxPending?: number;
      /** How long requests are kept after their end. Default: 90 days. */
      keepFor?: HumanDuration | string;
    };

    /** What callers may do in portals: Cedar policies. docs/policy.md has recipes. */
    policy?: {
      /**
       * Whether the policies that come with the portal are part of the set: tools of the
       * class read, prompts and resources of approved servers, and tools of the class
       * write for which a request for access was approved. Default: true.
       */
      default?: boolean;
      /** Policies, each with an @id. */
      policies?: string;
      /**
       * Paths of files with policies, ending with .cedar, relative to the backend's
       * working directory. Read again when they change; a change that is not valid is
       * not used, and logged.
       */
      files?: string[];
      /** IANA time zone of `context.time` in policies, such as Europe/Berlin. Default: UTC. */
      timeZone?: string;
      /**
       * Paths of arguments, such as project or options.recursive, whose values are kept in
       * audit records, so that changed policies can be tried on past calls. Name none that
       * may be secret. Default: none; records tell of an argument only that it was there.
       */
      recordedArguments?: string[];
    };

    /**
     * What arguments and answers are inspected for, and what is done about it. The
     * README of @prompt-corner/guardrails lists detectors.
     */
    guardrails?: Omit<GuardrailsOptions, 'actions'> & {
      /** Of several rules that match a finding, the last counts; they win over the defaults. */
      actions?: Array<
        ActionRule & {
          /** Names of servers. Default: all. */
          servers?: string[];
        }
      >;
    };

    /** The append-only record of what happens in portals. docs/audit.md tells what it proves. */
    audit?: {
      /**
       * What happens to a call or decision whose record cannot be committed. With deny it fails;
       * with degrade it goes on, and its record is in the log of the replica only, loudly. Default: deny.
       */
      onFailure?: 'deny' | 'degrade';
      /** How long a record may take to be committed, at most a minute. Default: 5 seconds. */
      commitTimeout?: HumanDuration | string;
      /**
       * How long records are kept, in whole days. After that whole days are deleted, and what is
       * left of them says so. Default: 400 days.
       */
      retention?: HumanDuration | string;
      /** How many records of a replica may wait for the database. Default: 10,000. */
      maxQueuedRecords?: number;
      /** How large they may be together, in bytes. Default: 64 MiB. */
      maxQueuedBytes?: number;
    };

    encryption?: {
      /**
       * Secrets with which tokens of users, secrets of servers and signing keys are
       * encrypted in the database, and the audit trail is signed. The first one encrypts
       * and signs; all of them decrypt and verify. Needed in production. At least 32
       * characters, such as the output of `openssl rand -base64 32`.
       *
       * To change it: add the new one as the last one on every replica; once all of them
       * run with it, make it the first one. What is kept is then encrypted with it by
       * itself, within an hour, and the log says which keys are needed still. The audit
       * trail has a rule of its own: an old key is needed until retention has deleted what
       * it signed (`audit.retention`). Take the old one away when neither needs it.
       */
      keys?: Array<{
        id: string;
        /** @visibility secret */
        secret: string;
      }>;
    };

    /** How long a key signs caller tokens. Default: 30 days; at least a day. */
    keyRotation?: HumanDuration | string;

    outbound?: {
      /**
       * Hosts (with their port, if it is not 443) of authorization servers and MCP servers
       * that may have internal addresses. Of authorization servers, `http` works for this machine only.
       *
       * @example ["login.internal", "localhost:8080"]
       */
      trustedHosts?: string[];
    };

    credentials?: {
      /** Entity refs of users and groups who are told before a shared secret ends (`expiresAt`). */
      administrators?: string[];
      /** How long before a credential ends its user, or the administrators, are told. Default: 7 days. */
      notice?: HumanDuration | string;
    };
  };
}
