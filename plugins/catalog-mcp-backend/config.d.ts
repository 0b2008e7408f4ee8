import { HumanDuration } from '@backstage/types';

export interface Config {
  /**
   * The software catalog as an MCP server.
   */
  catalogMcp?: {
    /**
     * How often the graph of the catalog, with which searches and traversals
     * are planned, is read anew. One pass over 20,000 entities takes about a
     * second of the catalog's time. Default: 60 seconds.
     *
     * @example { "minutes": 5 }
     */
    refreshInterval?: HumanDuration | string;

    /**
     * How much one caller (user or service) may ask in each replica. Default:
     * 600 requests a minute. A caller beyond it gets 429 with Retry-After.
     */
    rateLimit?: {
      requests?: number;
      window?: HumanDuration | string;
    };

    /**
     * Host names, besides that of backend.baseUrl, under which clients reach
     * the server. Requests with another Host header are refused, which defeats
     * DNS rebinding.
     *
     * @example ["portal.internal"]
     */
    allowedHosts?: string[];

    /**
     * Origins, besides those of app.baseUrl and backend.baseUrl, whose web
     * pages may call the server. Requests with another Origin header are
     * refused; clients that are no browsers send none.
     *
     * @example ["https://inspector.example.com"]
     */
    allowedOrigins?: string[];

    /**
     * Issuers of the tokens that clients need, as told in the protected
     * resource metadata (RFC 9728). Default: this portal's auth backend.
     */
    authorizationServers?: string[];

    /**
     * Whether to serve the auth backend's metadata at
     * /.well-known/oauth-authorization-server (RFC 8414), where most clients
     * look first. Only one plugin of a backend may do so. Default: true,
     * unless @backstage/plugin-mcp-actions-backend is installed, which does it.
     */
    serveAuthorizationServerMetadata?: boolean;

    /**
     * Values of spec.type of the resources that get_data_stores takes for data
     * stores. Default: database, table, clickhouse-table, cache, search-index,
     * bucket, s3-bucket, object-store, data-warehouse, warehouse, kafka-topic,
     * topic, queue.
     */
    dataStoreTypes?: string[];
  };
}
