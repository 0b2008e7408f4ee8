import type { Request, Response } from 'express';

/** As long as a flow. */
const MAX_AGE_MS = 10 * 60_000;

/**
 * The cookie that binds a flow to the browser in which it was started. Its
 * prefix makes browsers refuse one that another host has set (RFC 6265bis).
 */
export class FlowCookie {
  readonly #secure: boolean;

  /** @param baseUrl - external one of the plugin; over http, on one's own machine, there are no secure cookies everywhere */
  constructor(baseUrl: string) {
    this.#secure = new URL(baseUrl).protocol === 'https:';
  }

  set(response: Response, flowId: string, browser: string): void {
    response.cookie(this.#nameOf(flowId), browser, {
      ...this.#attributes(),
      maxAge: MAX_AGE_MS,
    });
  }

  clear(response: Response, flowId: string): void {
    response.clearCookie(this.#nameOf(flowId), this.#attributes());
  }

  read(request: Request, flowId: string): string | undefined {
    const name = this.#nameOf(flowId);
    for (const pair of request.headers.cookie?.split(';') ?? []) {
      const [key, value] = pair.split('=', 2);
      if (key.trim() === name) {
        return value;
      }
    }
    return undefined;
  }

  #nameOf(flowId: string): string {
    const name = `mcp-portal-flow-${flowId.slice(0, 16)}`;
    return this.#secure ? `__Host-${name}` : name;
  }

  #attributes() {
    return {
      path: '/',
      httpOnly: true,
      secure: this.#secure,
      // Sent along when the authorization server sends the browser back.
      sameSite: 'lax',
    } as const;
  }
}
