import { durationToMilliseconds, HumanDuration } from '@backstage/types';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Refuses requests that a web page made a browser send: those with a foreign
 * `Host` (DNS rebinding) or a foreign `Origin`. The MCP specification requires
 * the latter (Streamable HTTP, security warning).
 */
export class RequestGuard {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;

  /**
   * @param options.baseUrls - URLs at which clients reach the portal
   * @param options.hosts - further host names, without port
   * @param options.origins - further origins, such as `https://host:port`
   */
  constructor(options: {
    baseUrls: string[];
    hosts: string[];
    origins: string[];
  }) {
    const hosts = options.baseUrls.map(url => new URL(url).hostname);
    const loopback = hosts.some(host => LOOPBACK.includes(host));
    this.#hosts = new Set([
      ...hosts,
      ...(loopback ? LOOPBACK : []),
      ...options.hosts.map(
        host =>
          hostnameOf(host) ??
          invalid('allowedHosts', host, 'a host name such as portal.internal'),
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
          : invalid('allowedOrigins', origin, 'an origin such as https://host'),
      ),
    ]);
  }

  /** Why a request is refused, and which setting would allow it; undefined when it is not. */
  refusalOf(headers: { host?: string; origin?: string }): string | undefined {
    const host = hostnameOf(headers.host);
    if (!host || !this.#hosts.has(host)) {
      return 'Requests to this host name are not served; an administrator can add it to catalogMcp.allowedHosts';
    }
    if (headers.origin !== undefined && !this.#origins.has(headers.origin)) {
      return 'Requests from this origin are not served; an administrator can add it to catalogMcp.allowedOrigins';
    }
    return undefined;
  }
}

function withHost(url: string, host: string): URL {
  const changed = new URL(url);
  changed.hostname = host;
  return changed;
}

function invalid(key: string, value: string, expected: string): never {
  throw new Error(
    `Invalid value "${value}" in catalogMcp.${key}: expected ${expected}`,
  );
}

function hostnameOf(host: string | undefined): string | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[\w.-]+?)\.?(:\d+)?$/i.exec(host ?? '');
  return match?.[1].toLocaleLowerCase('en-US');
}

/** Counts each caller's requests in a window, in this process. */
export class RateLimit {
  readonly #limiter: RateLimiterMemory;

  constructor(options: { requests: number; window: HumanDuration }) {
    this.#limiter = new RateLimiterMemory({
      points: options.requests,
      duration: durationToMilliseconds(options.window) / 1000,
    });
  }

  /**
   * Counts a request.
   *
   * @returns undefined when it may proceed, else the seconds to wait
   */
  async take(caller: string): Promise<number | undefined> {
    try {
      await this.#limiter.consume(caller);
      return undefined;
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) {
        return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
      }
      throw refusal;
    }
  }
}
