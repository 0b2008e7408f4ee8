import { once } from 'node:events';
import { AddressInfo } from 'node:net';
import { NotFoundError } from '@backstage/errors';
import express from 'express';
import {
  AgentAuthenticationError,
  InsufficientScopeError,
  metadataUrlOf,
  protectedResourceMetadata,
  publicDocument,
  sendAuthError,
  TooManyRequestsError,
} from '.';

const resource = 'https://portal.example.com/api/mcp-portal/v1/main';

/** Serves an app for one request. */
async function get(app: express.Express, method = 'GET'): Promise<Response> {
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, { method });
    await response.clone().text();
    return response;
  } finally {
    server.close();
  }
}

async function answerTo(error: unknown, scopes?: string[]): Promise<Response> {
  const app = express();
  app.get('/', (_, response) => {
    if (!sendAuthError(response, error, { resource, scopes })) {
      response.status(418).end();
    }
  });
  return get(app);
}

it('names the scopes that a client without a token should ask for', async () => {
  const response = await answerTo(
    new AgentAuthenticationError('missing_token', 'Sign in'),
    ['tools:read', 'tools:write'],
  );
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe(
    'Bearer resource_metadata="https://portal.example.com/.well-known/oauth-protected-resource/api/mcp-portal/v1/main", scope="tools:read tools:write"',
  );
});

it('names all scopes that a request needs, and all that are missing', async () => {
  const response = await answerTo(
    new InsufficientScopeError({
      missing: ['tools:write', 'models:use'],
      required: ['tools:read', 'tools:write', 'models:use'],
    }),
  );
  expect(response.status).toBe(403);
  expect(response.headers.get('www-authenticate')).toMatch(
    /, error="insufficient_scope", error_description="[^"]*tools:write, models:use[^"]*", scope="tools:read tools:write models:use"$/,
  );
});

it('lets no text break out of a challenge', async () => {
  const hostile = 'a"\\", scope="admin\r\nset-cookie: x=y\u2028\u00e9';
  const response = await answerTo(
    new AgentAuthenticationError('invalid_token', hostile),
    [hostile],
  );
  expect(response.status).toBe(401);
  expect(response.headers.get('set-cookie')).toBeNull();
  const challenge = response.headers.get('www-authenticate')!;
  expect(challenge).toMatch(
    /^Bearer resource_metadata="[^"]+", error="invalid_token", error_description="[\x20-\x7e]+", scope="[\x20-\x7e]+"$/,
  );
  expect(challenge.match(/"/g)).toHaveLength(8);
  expect(challenge).not.toContain('\\');
});

it('tells who has to wait for how long, and nothing that would end the use of a token', async () => {
  const error = new TooManyRequestsError('Wait', { retryAfterSeconds: 42 });
  const response = await answerTo(error);
  expect(response.status).toBe(429);
  expect(response.headers.get('retry-after')).toBe('42');
  expect(response.headers.get('www-authenticate')).toBeNull();
  expect(await response.json()).toEqual({
    error: 'too_many_requests',
    error_description: 'Wait',
  });
});

it('leaves other errors to others', async () => {
  expect((await answerTo(new NotFoundError('gone'))).status).toBe(418);
  expect((await answerTo('text')).status).toBe(418);
});

it.each([
  ['https://host/a/b', 'https://host/.well-known/oauth-protected-resource/a/b'],
  [
    'https://host:8443/',
    'https://host:8443/.well-known/oauth-protected-resource',
  ],
  [
    'https://host/a?b=c',
    'https://host/.well-known/oauth-protected-resource/a?b=c',
  ],
])('finds the metadata of %s', (of, url) => {
  expect(metadataUrlOf(of)).toBe(url);
});

it('describes a resource to anybody', async () => {
  const options = {
    resource,
    name: 'Main portal',
    authorizationServers: ['https://portal.example.com/api/agent-auth'],
    scopes: ['tools:read', 'offline_access'],
  };
  const app = express();
  app.use(publicDocument(async () => protectedResourceMetadata(options)));
  const response = await get(app);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(response.headers.get('cache-control')).toBe('public, max-age=300');
  expect(await response.json()).toEqual({
    resource,
    resource_name: 'Main portal',
    authorization_servers: ['https://portal.example.com/api/agent-auth'],
    scopes_supported: ['tools:read'],
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: expect.arrayContaining(['ES256']),
  });
  expect(
    protectedResourceMetadata({ ...options, dpop: false }),
  ).not.toHaveProperty('dpop_signing_alg_values_supported');
  expect((await get(app, 'POST')).status).toBe(404);
});
