// scripts/ is no package that could be imported by name.
/* eslint-disable @backstage/no-relative-monorepo-imports */
import { approveDeviceCode } from '../../../../scripts/lib/agentSignIn.mjs';
import { signIn } from '../../../../scripts/lib/signIn.mjs';
/* eslint-enable @backstage/no-relative-monorepo-imports */
import {
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { eventually, Persona } from '../demo';
import { CLIENT_INFO } from '../mcp';

/** The client of the login scripts, which may use the device flow. */
const CLIENT_ID = 'prompt-corner-login';

/** What a token for a portal can be allowed. */
export type PortalScope = 'tools:read' | 'tools:write';

/** Everything. */
export const ALL_SCOPES: PortalScope[] = ['tools:read', 'tools:write'];

const GROUPS_TIMEOUT_MS = 30_000;

async function groupsOf(
  baseUrl: string,
  persona: Persona,
  token: string,
): Promise<string[]> {
  const response = await fetch(
    `${baseUrl}/api/catalog/entities/by-name/user/default/${persona}`,
    { headers: { authorization: `Bearer ${token}` } },
  );
  const { relations = [] } = (await response.json()) as {
    relations?: Array<{ type: string; targetRef: string }>;
  };
  return relations
    .filter(({ type }) => type === 'memberOf')
    .map(({ targetRef }) => targetRef);
}

/** URL of a portal. */
export function portalUrl(baseUrl: string, portal = 'default'): string {
  return `${baseUrl}/api/mcp-portal/v1/${portal}`;
}

/** Somebody who has signed in, at the pages and with an agent. */
export class PortalUser {
  readonly #baseUrl: string;
  readonly #tokens: { token: string; idToken: string };

  private constructor(
    baseUrl: string,
    tokens: { token: string; idToken: string },
  ) {
    this.#baseUrl = baseUrl;
    this.#tokens = tokens;
  }

  /**
   * Signs somebody in, when the catalog knows in which groups they are: a portal
   * that has just started may know the user before that, and remember them so.
   *
   * @param baseUrl - of the demo
   */
  static async signIn(baseUrl: string, persona: Persona): Promise<PortalUser> {
    const { token } = await signIn(baseUrl, persona);
    await eventually(() => groupsOf(baseUrl, persona, token), {
      what: `groups of ${persona}`,
      isWanted: groups => groups.length > 0,
      timeoutMs: GROUPS_TIMEOUT_MS,
    });
    return new PortalUser(baseUrl, await signIn(baseUrl, persona));
  }

  /** The same user at another replica. */
  at(baseUrl: string): PortalUser {
    return new PortalUser(baseUrl, this.#tokens);
  }

  /** Backstage's token, as pages have it. */
  get pageToken(): string {
    return this.#tokens.token;
  }

  /**
   * Asks the portal's API as a page does.
   *
   * @param path - below the plugin, such as `/servers`
   * @returns the body of the answer
   * @throws Error when it is refused
   */
  async api(path: string, body?: object): Promise<any> {
    const response = await fetch(`${this.#baseUrl}/api/mcp-portal${path}`, {
      method: body ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${this.pageToken}`,
        'content-type': 'application/json',
      },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${path} was refused (${response.status}): ${text}`);
    }
    return text ? JSON.parse(text) : undefined;
  }

  /** Gets a token for an agent, by the device flow (RFC 8628). */
  async agentToken(
    resource: string,
    scopes: PortalScope[] = ALL_SCOPES,
  ): Promise<string> {
    const device = await this.#oauth('/device_authorization', {
      resource,
      scope: scopes.join(' '),
    });
    await approveDeviceCode(this.#baseUrl, {
      userCode: device.user_code,
      userToken: this.#tokens.token,
      idToken: this.#tokens.idToken,
    });
    const { access_token: token } = await this.#oauth('/token', {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: device.device_code,
    });
    return token;
  }

  /**
   * Connects an MCP client to a portal.
   *
   * @param options.confirm - answers questions of servers. Default: the client cannot be asked
   */
  async connect(
    options: {
      portal?: string;
      scopes?: PortalScope[];
      confirm?: (question: string) => boolean;
    } = {},
  ): Promise<Client> {
    const { portal, scopes, confirm } = options;
    const url = portalUrl(this.#baseUrl, portal);
    return connectPortal(url, {
      token: await this.agentToken(url, scopes),
      confirm,
    });
  }

  async #oauth(path: string, params: Record<string, string>): Promise<any> {
    const response = await fetch(
      `${this.#baseUrl}/api/agent-auth/oauth${path}`,
      {
        method: 'POST',
        body: new URLSearchParams({ client_id: CLIENT_ID, ...params }),
      },
    );
    const body = await response.json();
    if (!response.ok) {
      throw new Error(`${path} was refused: ${JSON.stringify(body)}`);
    }
    return body;
  }
}

/**
 * Connects an MCP client to a portal.
 *
 * @param options.token - none for a public portal
 * @param options.confirm - as of {@link PortalUser.connect}
 * @param options.era - `legacy` has a session, as clients of before 2026-07-28 have. Default: auto
 * @param options.fetch - instead of the usual one
 */
export async function connectPortal(
  url: string,
  options: {
    token?: string;
    confirm?: (question: string) => boolean;
    era?: 'auto' | 'legacy';
    fetch?: typeof fetch;
  } = {},
): Promise<Client> {
  const { token, confirm, era = 'auto' } = options;
  const client = new Client(CLIENT_INFO, {
    capabilities: confirm ? { elicitation: { form: {} } } : {},
    versionNegotiation: { mode: era },
  });
  if (confirm) {
    client.setRequestHandler('elicitation/create', ({ params }) => ({
      action: 'accept',
      content: { confirm: confirm(params.message) },
    }));
  }
  await client.connect(
    new StreamableHTTPClientTransport(new URL(url), {
      requestInit: token
        ? { headers: { authorization: `Bearer ${token}` } }
        : undefined,
      fetch: options.fetch,
    }),
  );
  return client;
}

/** Names of tools, sorted. */
export async function toolNames(client: Client): Promise<string[]> {
  const { tools } = await client.listTools();
  return tools.map(({ name }) => name).sort();
}

/**
 * Calls a tool that must succeed.
 *
 * @returns the structured result, or else the text
 */
export async function callTool(
  client: Client,
  name: string,
  args: Record<string, unknown> = {},
): Promise<any> {
  const { isError, content, structuredContent } = await client.callTool({
    name,
    arguments: args,
  });
  if (isError) {
    throw new Error(`${name} failed: ${JSON.stringify(content)}`);
  }
  return (
    structuredContent ??
    content.map(part => (part.type === 'text' ? part.text : '')).join('\n')
  );
}
