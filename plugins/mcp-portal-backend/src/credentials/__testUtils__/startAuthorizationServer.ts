import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

/** A real authorization server on the loopback interface, which signs in whom the cookie `login` names, and declines without. */
export interface TestAuthorizationServer {
  issuer: string;
  host: string;
  provider: Provider;
  /** Grants that it gave or refused: `refresh_token`, `authorization_code invalid_grant`. */
  grants: string[];
  /** How many refresh tokens came a second time. */
  reused: number;
  /** Called before each answer of the token endpoint. */
  beforeToken: () => Promise<void>;
  /** What it says of itself, with changes. */
  metadata: Record<string, unknown>;
  stop(): Promise<void>;
}

/** Scopes of the servers in tests. */
export const TOOL_SCOPES = ['tools:read', 'tools:write'];

/** A client that an administrator registered. */
export const FIXED_CLIENT = {
  id: 'portal +client',
  secret: 'a secret: with %special& characters',
};

export async function startAuthorizationServer(
  redirectUri = 'http://localhost:1/callback',
): Promise<TestAuthorizationServer> {
  const started = {
    grants: [] as string[],
    reused: 0,
    beforeToken: async () => {},
    metadata: {},
  } as TestAuthorizationServer;
  let handle = (_request: IncomingMessage, _response: ServerResponse) => {};
  const server = createServer((request, response) => handle(request, response));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  started.host = `localhost:${(server.address() as AddressInfo).port}`;
  started.issuer = `http://${started.host}`;
  started.provider = createProvider(started, redirectUri);
  const callback = started.provider.callback();
  handle = (request, response) => {
    answer(started, callback, request, response).catch(error =>
      response.writeHead(500).end(String(error)),
    );
  };
  started.stop = () =>
    new Promise(resolve => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return started;
}

async function answer(
  { provider, ...as }: TestAuthorizationServer,
  callback: ReturnType<Provider['callback']>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.url?.startsWith('/.well-known/')) {
    const own = (await fetchOwn(callback, request)) as object;
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ ...own, ...as.metadata }));
    return;
  }
  if (request.url === '/token') {
    await as.beforeToken();
  }
  if (!request.url?.startsWith('/interaction/')) {
    await callback(request, response);
    return;
  }
  const { prompt, params, session } = await provider.interactionDetails(
    request,
    response,
  );
  const account = /(?:^|; )login=([^;]+)/.exec(
    request.headers.cookie ?? '',
  )?.[1];
  if (account === undefined) {
    await provider.interactionFinished(request, response, {
      error: 'access_denied',
      error_description: '<script>alert("declined")</script>',
    });
    return;
  }
  if (prompt.name === 'login') {
    await provider.interactionFinished(request, response, {
      login: { accountId: decodeURIComponent(account), remember: false },
    });
    return;
  }
  const grant = new provider.Grant({
    accountId: session!.accountId,
    clientId: String(params.client_id),
  });
  grant.addOIDCScope(String(params.scope));
  if (params.resource) {
    grant.addResourceScope(String(params.resource), String(params.scope));
  }
  await provider.interactionFinished(request, response, {
    consent: { grantId: await grant.save() },
  });
}

/** What the provider itself says, before changes. */
async function fetchOwn(
  callback: ReturnType<Provider['callback']>,
  { headers }: IncomingMessage,
): Promise<unknown> {
  const inner = createServer(callback);
  await new Promise<void>(resolve => inner.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = inner.address() as AddressInfo;
    const response = await fetch(
      `http://127.0.0.1:${port}/.well-known/openid-configuration`,
    );
    const text = await response.text();
    return JSON.parse(
      text.replaceAll(`http://127.0.0.1:${port}`, `http://${headers.host}`),
    );
  } finally {
    inner.closeAllConnections();
    inner.close();
  }
}

function createProvider(
  started: TestAuthorizationServer,
  redirectUri: string,
): Provider {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const provider = new Provider(started.issuer, {
    jwks: {
      keys: [
        { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' },
      ] as never,
    },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    clients: [
      {
        client_id: FIXED_CLIENT.id,
        client_secret: FIXED_CLIENT.secret,
        redirect_uris: [redirectUri],
        grant_types: [
          'authorization_code',
          'refresh_token',
          'client_credentials',
        ],
        response_types: ['code'],
      },
    ],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    scopes: ['openid', 'offline_access', ...TOOL_SCOPES],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      registration: { enabled: true },
      revocation: {
        enabled: true,
        allowedPolicy: async (_ctx, client, token) =>
          client.clientId === token.clientId,
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => '',
        getResourceServerInfo: async (_ctx, resource) => ({
          scope: TOOL_SCOPES.join(' '),
          audience: resource,
          accessTokenTTL: 3600,
          accessTokenFormat: 'opaque',
        }),
        useGrantedResource: async () => true,
      },
    },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: async (_ctx, id) => ({
      accountId: id,
      claims: async () => ({ sub: id }),
    }),
    // A refresh token works once; used twice, it ends the grant.
    rotateRefreshToken: true,
    expiresWithSession: async () => false,
    issueRefreshToken: async (_ctx, client) =>
      client.grantTypeAllowed('refresh_token'),
    ttl: {
      AccessToken: 3_600,
      Grant: 30 * 24 * 3_600,
      Interaction: 600,
      RefreshToken: 30 * 24 * 3_600,
      Session: 600,
    },
  });
  provider.on('grant.success', ctx => {
    started.grants.push(String(ctx.oidc.params?.grant_type));
  });
  provider.on('grant.error', (ctx, error) => {
    started.grants.push(`${ctx.oidc.params?.grant_type} ${error.message}`);
    if (error.error_detail?.includes('already used')) {
      started.reused += 1;
    }
  });
  return provider;
}
