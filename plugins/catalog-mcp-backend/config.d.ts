import { HumanDuration } from '@backstage/types';

export interface Config {
  /**
   * The software catalog as an MCP server.
   */
  catalogMcp?: {
    /**
     * How often the plugin's copy of the catalog is read anew; sooner while the
     * catalog is changing. One pass over 16,000 entities takes about a second.
     * Default: 30 seconds. Not less than a few times what a pass takes.
     *
     * @example { "minutes": 5 }
     */
    refreshInterval?: HumanDuration | string;

    /**
     * Whether users whom the permission policy lets read every entity get
     * entities from that copy instead of from the catalog, which takes several
     * times as long. The copy is at most refreshInterval and one pass old, and
     * three times that while the catalog does not answer; then it is used no
     * more. Listings by attribute, facets and API definitions always come from
     * the catalog, and so does everything for services and for users with
     * conditional permissions. Default: true.
     */
    readFromMemory?: boolean;

    /**
     * How much one caller (user or service) may ask in each replica, with all
     * its clients together. Default: 600 requests a minute. A caller beyond it
     * gets 429 with Retry-After.
     */
    rateLimit?: {
      requests?: number;
      window?: HumanDuration | string;
    };

    /**
     * Host names, besides those of backend.baseUrl and app.baseUrl, under which clients reach
     * the server. Requests with another Host header are refused, which defeats
     * DNS rebinding.
     *
     * @example ["portal.internal"]
     */
    allowedHosts?: string[];

    /**
     * Origins, besides those of app.baseUrl and backend.baseUrl, whose web
     * pages may call the server. Requests with another Origin header are
     * refused; clients that are no browsers send none. For a page on another
     * host, backend.cors has to allow its origin as well.
     *
     * @example ["https://inspector.example.com"]
     */
    allowedOrigins?: string[];

    /**
     * Whether the server takes Backstage's own tokens besides those of
     * agent-auth: of users of the portal, of other plugins, and of those named
     * in backend.auth.externalAccess. It is meant for what runs within the
     * portal. Beware: such a token has no scope and is for no resource in
     * particular, so whoever gets hold of a user's can do all that the user can
     * in the whole portal until it expires, and nobody can revoke it. Give none
     * to an agent. Default: false.
     */
    acceptBackstageTokens?: boolean;

    /**
     * Issuers of the tokens that clients need, as told in the protected
     * resource metadata (RFC 9728). Default: this portal's agent-auth backend.
     */
    authorizationServers?: string[];

    /**
     * Values of spec.type of the resources that get_data_stores takes for data
     * stores. Default: database, table, clickhouse-table, cache, search-index,
     * bucket, s3-bucket, object-store, data-warehouse, warehouse, kafka-topic,
     * topic, queue.
     */
    dataStoreTypes?: string[];
  };
}
