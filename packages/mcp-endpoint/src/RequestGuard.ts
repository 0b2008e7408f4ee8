const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Refuses requests that a web page made a browser send: those with a foreign
 * `Host` (DNS rebinding) or a foreign `Origin`. The MCP specification requires
 * the latter (Streamable HTTP, security warning).
 */
export class RequestGuard {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  readonly #section: string;

  /**
   * @param options.section - of the configuration in which `allowedHosts` and
   *   `allowedOrigins` are set; named in refusals
   * @param options.baseUrls - URLs at which clients reach the portal
   * @param options.hosts - further host names, without port
   * @param options.origins - further origins, such as `https://host:port`
   */
  constructor(options: {
    section: string;
    baseUrls: string[];
    hosts: string[];
    origins: string[];
  }) {
    this.#section = options.section;
    const hosts = options.baseUrls.map(url => new URL(url).hostname);
    const loopback = hosts.some(host => LOOPBACK.includes(host));
    this.#hosts = new Set([
      ...hosts,
      ...(loopback ? LOOPBACK : []),
      ...options.hosts.map(
        host =>
          hostnameOf(host) ??
          this.#invalid(
            'allowedHosts',
            host,
            'a host name such as portal.internal',
          ),
      ),
    ]);
    this.#origins = new Set([
      ...options.baseUrls.flatMap(url =>
        loopback && LOOPBACK.includes(new URL(url).hostname)
          ? LOOPBACK.map(host => withHost(url, host).origin)
          : [new URL(url).origin],
      ),
      ...options.origins.map(origin =>
        URL.canParse(origin)
          ? new URL(origin).origin
          : this.#invalid(
              'allowedOrigins',
              origin,
              'an origin such as https://host',
            ),
      ),
    ]);
  }

  /** Why a request is refused, and which setting would allow it; undefined when it is not. */
  refusalOf(headers: { host?: string; origin?: string }): string | undefined {
    const host = hostnameOf(headers.host);
    if (!host || !this.#hosts.has(host)) {
      return `Requests to this host name are not served; an administrator can add it to ${
        this.#section
      }.allowedHosts`;
    }
    if (headers.origin !== undefined && !this.#origins.has(headers.origin)) {
      return `Requests from this origin are not served; an administrator can add it to ${
        this.#section
      }.allowedOrigins`;
    }
    return undefined;
  }

  #invalid(key: string, value: string, expected: string): never {
    throw new Error(
      `Invalid value "${value}" in ${
        this.#section
      }.${key}: expected ${expected}`,
    );
  }
}

function withHost(url: string, host: string): URL {
  const changed = new URL(url);
  changed.hostname = host;
  return changed;
}

function hostnameOf(host: string | undefined): string | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[\w.-]+?)\.?(:\d+)?$/i.exec(host ?? '');
  return match?.[1].toLocaleLowerCase('en-US');
}
