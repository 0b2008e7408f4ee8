import { mockCredentials } from '@backstage/backend-test-utils';

/** A browser in which a user is signed in to Backstage. */
export class TestBrowser {
  /** By host, as browsers keep them. */
  readonly cookies = new Map<string, Map<string, string>>();

  constructor(
    private readonly portal: { baseUrl: string },
    public user: string,
  ) {}

  /** Calls the API as the page does. */
  async api(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: any; headers: Headers }> {
    const response = await this.fetch(`${this.portal.baseUrl}${path}`, {
      method,
      headers: {
        authorization: mockCredentials.user.header(this.user),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text ? JSON.parse(text) : undefined,
    };
  }

  /** Opens a URL, as a click does: with cookies, and without any Backstage token. */
  async open(url: string): Promise<Response> {
    return this.fetch(url, {});
  }

  /** Follows redirects until one leaves for a URL that begins like this. */
  async openUntil(url: string, end: string): Promise<string> {
    let at = url;
    for (let hops = 0; hops < 12 && !at.startsWith(end); hops++) {
      const response = await this.open(at);
      const location = response.headers.get('location');
      if (!location) {
        throw new Error(
          `${at} answered ${response.status}: ${await response.text()}`,
        );
      }
      at = new URL(location, at).href;
    }
    return at;
  }

  /** Begins to connect a server. @param scopes - that the user chooses @returns the URL at the authorization server */
  async begin(
    server: string,
    request?: string,
    scopes?: string[],
  ): Promise<string> {
    const { status, body } = await this.api(
      'POST',
      `/credentials/${server}/connect`,
      { request, scopes },
    );
    if (status !== 200) {
      throw new Error(`${status}: ${JSON.stringify(body)}`);
    }
    return body.authorizationUrl;
  }

  /** Signs in at the authorization server, or declines. @returns the URL of the callback, not yet opened */
  async authorize(authorizationUrl: string, account?: string): Promise<string> {
    const { host } = new URL(authorizationUrl);
    const jar = this.cookies.get(host) ?? new Map<string, string>();
    this.cookies.set(host, jar);
    if (account === undefined) {
      jar.delete('login');
    } else {
      jar.set('login', encodeURIComponent(account));
    }
    return this.openUntil(
      authorizationUrl,
      `${this.portal.baseUrl}/oauth/callback`,
    );
  }

  /** Opens the callback, and does what the page then does. */
  async finish(callback: string): Promise<{ status: number; body: any }> {
    const response = await this.open(callback);
    const flow = new URL(response.headers.get('location')!).searchParams.get(
      'flow',
    );
    return flow
      ? this.api('POST', `/credential-flows/${flow}/finish`)
      : { status: 0, body: response.headers.get('location') };
  }

  /** Connects a server from beginning to end. @param request - of a link @param scopes - that the user chooses */
  async connect(
    server: string,
    account: string,
    request?: string,
    scopes?: string[],
  ): Promise<void> {
    const url = await this.begin(server, request, scopes);
    const { status, body } = await this.finish(
      await this.authorize(url, account),
    );
    if (status !== 200) {
      throw new Error(`${status}: ${JSON.stringify(body)}`);
    }
  }

  private async fetch(url: string, init: RequestInit): Promise<Response> {
    const { host } = new URL(url);
    const jar = this.cookies.get(host) ?? new Map<string, string>();
    this.cookies.set(host, jar);
    const headers = new Headers(init.headers);
    if (jar.size) {
      headers.set(
        'cookie',
        [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
      );
    }
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair, ...attributes] = cookie.split('; ');
      const [name, value] = pair.split(/=(.*)/, 2);
      const ended = attributes.some(
        attribute =>
          /^expires=/i.test(attribute) &&
          Date.parse(attribute.slice(8)) < Date.now(),
      );
      if (ended) {
        jar.delete(name);
      } else {
        jar.set(name, value);
      }
    }
    return response;
  }
}
