import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHash } from 'node:crypto';
import mcpActionsPlugin from '@backstage/plugin-mcp-actions-backend';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { Portal, startPortal } from '../__testUtils__/startPortal';
import { TestClient, testClient } from '../__testUtils__/TestClient';

jest.setTimeout(60_000);

describe('clients of all kinds', () => {
  let portal: Portal;
  let documents: Server;
  let documentHost: string;

  beforeAll(async () => {
    documents = createServer((request, response) => {
      const clientId = `http://${documentHost}${request.url}`;
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          client_id: clientId,
          client_name: 'Described client',
          redirect_uris: ['http://127.0.0.1/callback'],
          ...(request.url === '/forged.json' && {
            client_id: 'http://localhost/other',
          }),
        }),
      );
    });
    await new Promise<void>(resolve =>
      documents.listen(0, 'localhost', resolve),
    );
    documentHost = `localhost:${(documents.address() as AddressInfo).port}`;
    portal = await startPortal({
      agentAuth: {
        clients: [testClient],
        clientDocuments: { allowedClientIds: ['http://localhost:*/*'] },
      },
      // It mounts well-known paths of its own.
      features: [mcpActionsPlugin],
    });
  });

  afterAll(() => {
    documents.close();
  });

  it('signs in a client that a document at its id describes, and says where it is from', async () => {
    const client = new TestClient(portal, {
      clientId: `http://${documentHost}/client.json`,
    });
    const shown = await client.consentRequest(
      await client.start(),
      await portal.signIn('user:default/ada'),
    );
    expect(shown).toMatchObject({
      client: { name: 'Described client', origin: 'document', documentHost },
      redirect: { host: '127.0.0.1:9', loopback: true },
      warnings: ['loopback-redirect'],
    });
    const tokens = await client.connect('user:default/ada');
    expect((await client.whoAmI(tokens.access_token)).body).toMatchObject({
      client: { name: 'Described client' },
    });
  });

  it('refuses documents that are not allowed, or are those of another client', async () => {
    for (const [clientId, reason] of [
      [`http://${documentHost}/forged.json`, 'client_id'],
      ['https://evil.example.com/client.json', 'allowedClientIds'],
      ['http://169.254.169.254/latest/meta-data', ''],
    ]) {
      const client = new TestClient(portal, { clientId });
      const response = await client.browse(client.authorizationUrl());
      expect([clientId, response.status]).toEqual([clientId, 400]);
      const page = await response.text();
      expect(page).toContain('invalid_client');
      expect(page).toContain(reason);
    }
  });

  it('finds its metadata wherever clients look, with the MCP actions plugin beside it', async () => {
    for (const url of [
      `${portal.issuer}/.well-known/oauth-authorization-server`,
      `${portal.issuer}/.well-known/openid-configuration`,
      `${portal.url}/.well-known/openid-configuration/api/agent-auth`,
    ]) {
      const response = await fetch(url, {
        headers: { origin: 'https://inspector.example.com' },
      });
      expect([url, response.status]).toEqual([url, 200]);
      expect(await response.json()).toMatchObject({
        issuer: portal.issuer,
        scopes_supported: [
          'openid',
          'offline_access',
          'catalog:read',
          'tools:read',
          'tools:write',
          'models:use',
        ],
        device_authorization_endpoint: `${portal.issuer}/oauth/device_authorization`,
        revocation_endpoint: `${portal.issuer}/oauth/revoke`,
        grant_types_supported: expect.arrayContaining([
          'authorization_code',
          'refresh_token',
          'client_credentials',
          'urn:ietf:params:oauth:grant-type:device_code',
          'urn:ietf:params:oauth:grant-type:token-exchange',
        ]),
      });
      expect(response.headers.get('access-control-allow-origin')).toBe(
        'https://inspector.example.com',
      );
    }
  });

  it('lets a client bind its tokens to a key, which nobody else can use', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', {
      extractable: true,
    });
    const jwk = await exportJWK(publicKey);
    const proof = (method: string, url: string, token?: string) =>
      new SignJWT({
        htm: method,
        htu: url,
        jti: crypto.randomUUID(),
        ...(token && {
          ath: createHash('sha256').update(token).digest('base64url'),
        }),
      })
        .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
        .setIssuedAt()
        .sign(privateKey);

    const client = new TestClient(portal);
    const answer = await client.authorize('user:default/ada');
    const { status, body } = await client.token(
      {
        grant_type: 'authorization_code',
        code: answer.get('code')!,
        redirect_uri: client.redirectUri,
        code_verifier: client.verifier,
        resource: portal.resource,
      },
      { dpop: await proof('POST', `${portal.issuer}/oauth/token`) },
    );
    expect({ status, type: body.token_type }).toEqual({
      status: 200,
      type: 'DPoP',
    });
    expect((await client.whoAmI(body.access_token)).status).toBe(401);
    const use = async (dpop: string) =>
      (
        await fetch(portal.resource, {
          headers: { authorization: `DPoP ${body.access_token}`, dpop },
        })
      ).status;
    const valid = await proof('GET', portal.resource, body.access_token);
    expect(await use(valid)).toBe(200);
    expect(await use(valid)).toBe(401);
    const refreshed = await client.token({
      grant_type: 'refresh_token',
      refresh_token: body.refresh_token,
    });
    expect(refreshed.status).toBe(400);
  });

  it('serves scripts that sign in with nothing installed', async () => {
    const sh = await fetch(`${portal.issuer}/login.sh`);
    expect(sh.status).toBe(200);
    const script = await sh.text();
    expect(script).toMatch(/^#!\/bin\/sh/);
    expect(script).toContain(`${portal.url}/api/ai-proxy`);
    const catalog = await fetch(
      `${portal.issuer}/login.sh?resource=${encodeURIComponent(
        portal.resource,
      )}`,
    );
    expect(await catalog.text()).toContain('catalog:read');
    const injected = await fetch(
      `${portal.issuer}/login.sh?resource=${encodeURIComponent('$(rm -rf /)')}`,
    );
    expect(injected.status).toBe(400);
    expect((await fetch(`${portal.issuer}/login.ps1`)).status).toBe(200);
  });
});
