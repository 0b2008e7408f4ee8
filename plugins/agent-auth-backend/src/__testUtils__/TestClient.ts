import { createHash, randomBytes } from 'node:crypto';
import type {
  ConsentApproval,
  ConsentRequest,
} from '@prompt-corner/plugin-agent-auth-common';
import type { Portal } from './startPortal';

/** An OAuth client together with the browser that it opens, without a window. */
export class TestClient {
  readonly portal: Portal;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly cookies = new Map<string, { value: string; path: string }>();
  readonly verifier = randomBytes(32).toString('base64url');

  constructor(
    portal: Portal,
    options: { clientId?: string; redirectUri?: string } = {},
  ) {
    this.portal = portal;
    this.clientId = options.clientId ?? 'test-client';
    this.redirectUri = options.redirectUri ?? 'http://127.0.0.1:9/callback';
  }

  /** As a load balancer would: the client knows one URL, and a replica answers. */
  #at(url: string): string {
    const { url: external, via } = this.portal;
    return via ? url.replace(external, via) : url;
  }

  /** Sends a request with the browser's cookies, and keeps new ones. Redirects are not followed. */
  async browse(url: string, init: RequestInit = {}): Promise<Response> {
    const { pathname } = new URL(url);
    const cookie = [...this.cookies]
      .filter(([, { path }]) => pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ');
    const response = await fetch(this.#at(url), {
      redirect: 'manual',
      ...init,
      headers: { cookie, ...init.headers },
    });
    for (const header of response.headers.getSetCookie()) {
      const [pair, ...attributes] = header.split('; ');
      const separator = pair.indexOf('=');
      const path =
        attributes
          .find(attribute => attribute.startsWith('path='))
          ?.slice('path='.length) ?? '/';
      this.cookies.set(pair.slice(0, separator), {
        value: pair.slice(separator + 1),
        path,
      });
    }
    return response;
  }

  /** URL of an authorization request. */
  authorizationUrl(
    parameters: Record<string, string | undefined> = {},
  ): string {
    const all: Record<string, string | undefined> = {
      client_id: this.clientId,
      redirect_uri: this.redirectUri,
      response_type: 'code',
      scope: 'catalog:read',
      state: 'xyz',
      resource: this.portal.resource,
      code_challenge: createHash('sha256')
        .update(this.verifier)
        .digest('base64url'),
      code_challenge_method: 'S256',
      ...parameters,
    };
    const query = new URLSearchParams(
      Object.entries(all).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      ),
    );
    return `${this.portal.issuer}/oauth/authorize?${query}`;
  }

  /** Starts an authorization request. @returns URL of the interaction's routes */
  async start(
    parameters: Record<string, string | undefined> = {},
  ): Promise<string> {
    const response = await this.browse(this.authorizationUrl(parameters));
    const location = response.headers.get('location') ?? '';
    if (!location.startsWith(`${this.portal.issuer}/interactions/`)) {
      throw new Error(
        `No interaction: ${
          response.status
        } ${location} ${await response.text()}`,
      );
    }
    return location;
  }

  /** What the consent page would show. */
  async consentRequest(
    interaction: string,
    authorization: string,
  ): Promise<ConsentRequest> {
    const response = await this.browse(`${interaction}/consent`, {
      headers: { authorization },
    });
    if (!response.ok) {
      throw new Error(`${response.status} ${await response.text()}`);
    }
    return response.json();
  }

  /** Approves all that is asked for. @returns the answer of the approval */
  async approve(
    interaction: string,
    authorization: string,
    changes: Partial<ConsentApproval> = {},
  ): Promise<Response> {
    const request = await this.consentRequest(interaction, authorization);
    return this.browse(`${interaction}/approve`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({
        resources: request.resources.map(({ audience, scopes }) => ({
          audience,
          scopes: scopes.map(({ name }) => name),
        })),
        limits: {},
        lifetimeSeconds: request.defaultLifetimeSeconds,
        ...changes,
      }),
    });
  }

  /** The whole way of the browser. @returns the parameters that come back to the client */
  async authorize(
    user: string,
    parameters: Record<string, string | undefined> = {},
    changes: Partial<ConsentApproval> = {},
  ): Promise<URLSearchParams> {
    const authorization = await this.portal.signIn(user);
    const interaction = await this.start(parameters);
    const approved = await this.approve(interaction, authorization, changes);
    if (!approved.ok) {
      throw new Error(`${approved.status} ${await approved.text()}`);
    }
    const { redirectUrl } = await approved.json();
    const back = await this.browse(redirectUrl);
    const location = back.headers.get('location');
    if (!location?.startsWith(this.redirectUri)) {
      throw new Error(`${back.status} ${location} ${await back.text()}`);
    }
    return new URL(location).searchParams;
  }

  /** Calls the token endpoint. */
  async token(
    parameters: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: any }> {
    const response = await fetch(
      this.#at(`${this.portal.issuer}/oauth/token`),
      {
        method: 'POST',
        headers,
        body: new URLSearchParams({ client_id: this.clientId, ...parameters }),
      },
    );
    return { status: response.status, body: await response.json() };
  }

  /** Exchanges a code. */
  exchange(code: string, parameters: Record<string, string> = {}) {
    return this.token({
      grant_type: 'authorization_code',
      code,
      redirect_uri: this.redirectUri,
      code_verifier: this.verifier,
      resource: this.portal.resource,
      ...parameters,
    });
  }

  /** Signs a user in. @returns the tokens */
  async connect(
    user: string,
    parameters: Record<string, string | undefined> = {},
    changes: Partial<ConsentApproval> = {},
  ) {
    const answer = await this.authorize(user, parameters, changes);
    const { status, body } = await this.exchange(
      answer.get('code') ?? '',
      parameters.resource ? { resource: parameters.resource } : {},
    );
    if (status !== 200) {
      throw new Error(`${status} ${JSON.stringify(body)}`);
    }
    return body as {
      access_token: string;
      refresh_token: string;
      scope: string;
      expires_in: number;
    };
  }

  /** Uses a token at the resource. */
  async whoAmI(
    token: string,
    query = '',
  ): Promise<{ status: number; body: any; challenge: string | null }> {
    const response = await fetch(this.#at(`${this.portal.resource}?${query}`), {
      headers: { authorization: `Bearer ${token}` },
    });
    return {
      status: response.status,
      body: await response.json(),
      challenge: response.headers.get('www-authenticate'),
    };
  }
}

/** Configuration in which {@link TestClient}'s default client is registered. */
export const testClient = {
  id: 'test-client',
  name: 'Test client',
  redirectUris: ['http://127.0.0.1/callback'],
  deviceFlow: true,
};
