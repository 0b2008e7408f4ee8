import { HumanDuration } from '@backstage/types';
import { GuardrailsOptions } from '@prompt-corner/guardrails';
import { TokenPrices } from '@prompt-corner/plugin-ai-proxy-common';

interface PriceVariants {
  /** Instead, for requests with more input than this, cached or not; an empty list for none. */
  tiers?: Array<TokenPrices & { aboveInputTokens: number }>;
  /** Instead, by service tier as the answer names it, such as priority, flex or fast. Where tiers raise the price, these rise as much. */
  serviceTiers?: { [serviceTier: string]: TokenPrices };
}

interface Key {
  /** @visibility secret */
  value: string;
  /** Where there are several. */
  name?: string;
  /** Default: 1. */
  weight?: number;
}

interface Header {
  name: string;
  /** @visibility secret */
  value: string;
}

type Api = 'anthropic' | 'openai' | 'google-ai-studio' | 'compat';

export interface Config {
  /**
   * Model requests of the whole organisation.
   */
  aiProxy?: {
    /** Where requests for models go, by the name in usage and policies. The first one of an API that has a model gets it. */
    providers?: {
      [provider: string]: {
        /** At which of the proxy's APIs clients reach it. Default: its name. */
        api?: Api;
        /** With the version, such as https://api.openai.com/v1. Default: the provider's own; compat has none. */
        baseUrl?: string;
        /** Several share the requests. A caller stays at one of them, for the provider's prompt cache. */
        keys?: Key[];
        /** Regions or machines, each with its base URL, instead of the one above. */
        deployments?: Array<{
          name?: string;
          baseUrl?: string;
          /** Default: those of the provider. */
          keys?: Key[];
          /** Default: 1. */
          weight?: number;
          headers?: Header[];
        }>;
        /** Sent with each request. */
        headers?: Header[];
        /** The base URL is that of a gateway, which learns the caller's UUID in its own header. */
        gateway?: {
          kind: 'cloudflare' | 'litellm';
          /**
           * By which the gateway knows the proxy.
           * @visibility secret
           */
          token?: string;
        };
        /** Which models it has, `*` as a wildcard. Default: all. */
        models?: string[];
        /**
         * Id of the provider in models.dev, whose models, limits and prices hold;
         * false for none but those of aiProxy.models.own. Default: anthropic, openai
         * or google, by its API; none for compat.
         */
        catalogue?: string | false;
        /**
         * Where the caller's UUID goes: where the API has a place for it (api), in the
         * body's `user` in APIs of OpenAI, in a gateway's header, or nowhere. Default: api; for compat none.
         */
        identity?: 'api' | 'user' | 'cloudflare' | 'litellm' | 'none';
        /** What the provider keeps. */
        retention?: {
          /** Whether requests say `store: false`. It is no agreement about retention. Default: true for OpenAI. */
          optOut?: boolean;
          /** Models that are left out of it, `*` as a wildcard. */
          except?: string[];
          /** What was agreed with the provider, in words, shown as such. */
          agreement?: string;
        };
        /** Whether streams of chat completions are asked for their usage by clients only, or always. Default: asked. */
        usageInStreams?: 'asked' | 'always';
        /** When the client goes: cancel the request, or read on to learn its usage. Default: cancel. */
        onDisconnect?: 'cancel' | 'drain';
        timeouts?: {
          /** Default: 10 seconds. */
          connect?: HumanDuration | string;
          /** Until an answer begins; reasoning models take minutes. Default: 10 minutes. */
          firstByte?: HumanDuration | string;
          /** Between two pieces of an answer. Default: 5 minutes. */
          idle?: HumanDuration | string;
          /** For reading on without the client. Default: a minute. */
          drain?: HumanDuration | string;
        };
        /** After 429, 529, 5xx and connections that fail. */
        retries?: {
          /** Besides the first. Default: 2. */
          attempts?: number;
          /** How long a Retry-After is waited for. Default: 2 seconds. */
          maxWait?: HumanDuration | string;
        };
        /** Requests at the same time, from each replica; callers take turns. Default: no limit. */
        concurrency?: {
          max: number;
          /** How many may wait. Default: 256. */
          queue?: number;
          /** Default: 30 seconds. */
          queueTimeout?: HumanDuration | string;
        };
        /** When a deployment is left out. */
        breaker?: {
          /** Failures in a row. Default: 5. */
          failures?: number;
          /** Default: 15 seconds. */
          openFor?: HumanDuration | string;
        };
      };
    };

    /** Which models there are, what they cost, and which may be used. */
    models?: {
      /** Where models, limits and prices come from, in the shape of models.dev's api.json; false for nowhere. Default: https://models.dev/api.json. */
      url?: string | false;
      /** How often it is asked, by one replica. Default: an hour. */
      refresh?: HumanDuration | string;
      /**
       * Models that may be used. `anthropic/claude-*`: of a provider, by its name in
       * aiProxy.providers; `*` does not cross "/". `gpt-*`: of every provider.
       * `openrouter/**`: all of a provider whose models have "/" in their ids.
       * Default: all.
       */
      allow?: string[];
      /** Models that may not be used, in the same way; wins over allow. */
      deny?: string[];
      /** Names of your own for models, each for `provider/model` or another alias. Clients can ask for them. */
      aliases?: { [alias: string]: string };
      /** Models that the source does not have, or not rightly. */
      own?: Array<{
        /** As it is named in aiProxy.providers. */
        provider: string;
        /** As requests name it. */
        id: string;
        /** Default: its id. */
        name?: string;
        description?: string;
        family?: string;
        /** Such as 2026-04-30. */
        releaseDate?: string;
        status?: 'alpha' | 'beta' | 'deprecated';
        /** In tokens. */
        limits?: { context?: number; input?: number; output?: number };
        capabilities?: {
          /** Default: false. */
          reasoning?: boolean;
          /** Default: true. */
          toolCalls?: boolean;
          /** Default: false. */
          attachments?: boolean;
          /** Default: false. */
          structuredOutput?: boolean;
          /** Default: true. */
          temperature?: boolean;
          /** Default: text. */
          inputModalities?: string[];
          /** Default: text. */
          outputModalities?: string[];
          /** Default: false. */
          openWeights?: boolean;
        };
        /** In US dollars for a million tokens. Without, requests are counted and cost nobody knows what. */
        prices?: TokenPrices & PriceVariants;
      }>;
    };

    /** Who is asked when a provider fails, of the same API. */
    fallbacks?: Array<{
      /** `model` or `provider/model`, `*` as a wildcard. */
      models: string[];
      to: Array<{
        provider: string;
        /** Default: the same. */
        model?: string;
      }>;
    }>;

    /** Answers to the very same requests, from the memory of each replica. Default: none are kept. */
    cache?: {
      /** Default: an hour. */
      ttl?: HumanDuration | string;
      /** Who gets an answer that somebody was given. Default: user, that is nobody else. */
      scope?: 'user' | 'team' | 'everybody';
      /** Names of models, `*` as a wildcard. Default: all. */
      models?: string[];
      /** Of all of them. Default: 67108864. */
      maxBytes?: number;
      /** Of one answer. Default: 1048576. */
      maxAnswerBytes?: number;
    };

    /** What requests are inspected for, as in mcpPortal.guardrails; false for nothing. Default: secrets are taken out. */
    guardrails?: GuardrailsOptions | false;

    limits?: {
      /** Of a request to a model. Default: 33554432. */
      requestBytes?: number;
      /** Of all requests to models that are read at the same time, in each replica. Default: 268435456. */
      requestBytesInMemory?: number;
      /** Of a file, with the form around it. It passes as it comes. Default: 536870912. */
      uploadBytes?: number;
      /** Of the requests of a batch, which are held in memory and checked, up to four batches at a time in each replica. Default: 67108864. */
      batchBytes?: number;
    };

    /** What providers keep: files, batches, responses. */
    stored?: {
      /** How long it is known whose something is. After that it is nobody's, though the provider may still have it. */
      retention?: {
        /** Default: 400 days. */
        files?: HumanDuration | string;
        /** Default: 60 days; providers keep batches and responses for 30. */
        others?: HumanDuration | string;
      };
    };

    /** How the requests in batches are counted. */
    batches?: {
      /** Off the price of a model that has none for the service tier `batch`. Default: 50. */
      discountPercent?: number;
      /** After which the proxy fetches results that nobody has fetched, to count them. Default: 24 hours. */
      collectAfter?: HumanDuration | string;
      /** After which a batch counts as much as was estimated, if its results cannot be had. Default: 7 days. */
      giveUpAfter?: HumanDuration | string;
    };

    /**
     * What contracts say of prices, in US dollars for a million tokens. The first that
     * matches a model counts: it has either prices, which replace those of the
     * catalogue one by one, or a discount on all of them.
     */
    prices?: Array<
      Partial<TokenPrices> &
        PriceVariants & {
          /** As it is named in aiProxy.providers. Default: every one. */
          provider?: string;
          /** Ids of models, `*` as a wildcard. */
          models: string[];
          /**
           * For a thousand times that the provider runs a tool of its own, by name: webSearch,
           * webFetch, fileSearch, codeInterpreter and so on. Default: they are not charged.
           */
          toolRequests?: { [name: string]: number };
          /** Off all prices of the catalogue, 100 at most; negative for a surcharge. */
          discountPercent?: number;
        }
    >;

    /** Headers of clients that providers get besides those of their APIs. */
    forwardedHeaders?: string[];

    /** Routes of providers that are allowed besides those that the proxy knows. They are neither counted nor limited. */
    routes?: Array<{
      api: Api;
      method: string;
      /** Below the version, `*` as a wildcard, such as `/moderations`. */
      path: string;
    }>;

    /** What coding tools are configured with. */
    discovery?: {
      /**
       * Directory of agents, commands, instructions, permissions, MCP servers and
       * settings, relative to where the backend runs. Default: none.
       */
      directory?: string;

      /**
       * The same as a folder of a repository, in place of a directory, such as
       * https://github.com/acme/agent-config/tree/main. Read with the credentials
       * of `integrations`.
       */
      url?: string;

      /** How often it is read again, at least 5 seconds. Default: 30 seconds for a directory, 5 minutes for a URL. */
      interval?: HumanDuration | string;

      login?: {
        /** Prints a token for OpenCode. Default: runs the login script of agent-auth. */
        command?: string[];
      };

      /**
       * What OpenCode does for somebody whose token is not valid any more.
       * `continue`: it starts with what everybody gets, and the first question to a
       * model fails. `stop`: it says how to sign in, and ends. Default: continue.
       */
      whenSignedOut?: 'continue' | 'stop';
    };

    /** What is recorded of requests. */
    usage?: {
      /** How long single requests, and sessions, are kept, in whole days. Default: 30 days. */
      retention?: HumanDuration | string;
      /** How long hourly sums are kept, in whole days, at least as long as `retention`. Default: 400 days. */
      rollupRetention?: HumanDuration | string;
      /** Requests that may wait to be stored, in each replica, while the database does not answer; tens of megabytes for the default. More are lost, and counted. Default: 50000. */
      maxQueuedEvents?: number;
    };

    /** Who may use which models: Cedar policies. docs/model-policy.md has recipes. */
    policy?: {
      /**
       * Whether the policies that come with the proxy are part of the set: everyone who is
       * signed in may use every model, files, batches and stored responses. Default: true.
       */
      default?: boolean;
      /** Policies, as in files. */
      policies?: string;
      /**
       * Paths of files with policies, ending with .cedar, relative to the backend's
       * working directory. Read again when they change; a change that is not valid is
       * not used, and logged.
       */
      files?: string[];
      /** IANA time zone of `context.time` in policies, such as Europe/Berlin. Default: UTC. */
      timeZone?: string;
    };

    /**
     * How much may be spent, and by whom. All budgets that count a request have to
     * have room for it. Administrators can make more on the page.
     */
    budgets?: Array<{
      /** Unique; in messages and notifications. Letters, digits, ".", "_" and "-". */
      name: string;
      unit: 'usd' | 'tokens' | 'requests';
      /** In each window. */
      limit: number;
      /** Of the calendar; weeks begin on Monday. Minutes and hours are those of UTC. */
      window: 'minute' | 'hour' | 'day' | 'week' | 'month';
      /** IANA time zone in which days, weeks and months begin. Default: UTC. */
      timeZone?: string;
      /**
       * Who has the limit for themselves: each user or service, each team, each OAuth
       * client, each connection of a user with a client; or all together (`none`). A request
       * counts for all groups of its caller, also those above their own:
       * choose with `match.teams` those that should have one.
       */
      per: 'user' | 'team' | 'client' | 'connection' | 'none';
      /** Which requests count; all that is given has to hold. Default: all. `*` stands for any text. */
      match?: {
        /** UUIDs, or entity refs of users; without `*`. */
        users?: string[];
        /** Entity refs of groups, such as `group:default/*`. */
        teams?: string[];
        /** As they are asked for: one with a date in its name is another, `gpt-5.5*` has both. */
        models?: string[];
        providers?: string[];
        /** Ids of OAuth clients. */
        clients?: string[];
        kinds?: Array<'user' | 'service'>;
      };
      /** Percentages at which people are told. Default: 50, 80 and 100; none for minutes and hours. */
      alerts?: number[];
      /** Count and tell, and never refuse. Default: false. */
      soft?: boolean;
      /** Users and groups, by entity ref, that are told of budgets that are no single user's. A team is always told of its own. */
      notify?: string[];
    }>;

    /**
     * What becomes of requests when the database does not answer and what a process
     * has leased of budgets is used up. Default: deny.
     */
    budgetsWithoutDatabase?: 'deny' | 'allow';
  };
}
