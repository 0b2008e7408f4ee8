export interface Config {
  /**
   * Access of agents to the portal.
   */
  agentAuth?: {
    /**
     * Networks by name, as CIDR ranges. Policies and audit know a caller's
     * address by the names of the networks that contain it. Behind a proxy,
     * set backend.trustProxy, or every caller has the proxy's address.
     *
     * @example { "office": ["10.1.0.0/16", "2001:db8:1::/48"], "vpn": ["10.8.0.0/16"] }
     */
    networks?: {
      [name: string]: string[];
    };

    /**
     * Attributes of the caller's device, each with the request header in which
     * a proxy that checks devices tells it. A header is read only if the
     * request comes directly from a proxy that backend.trustProxy trusts, so
     * name the proxies there: with `true` anybody counts as one. The proxy has
     * to remove such headers from what clients send. Values over 256
     * characters are ignored.
     *
     * @example { "managed": "X-Device-Managed", "os": "X-Device-Os" }
     */
    deviceHeaders?: {
      [attribute: string]: string;
    };
  };
}
