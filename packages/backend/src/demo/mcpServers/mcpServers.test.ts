import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mockServices } from '@backstage/backend-test-utils';
import {
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import express from 'express';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { callerTokenAdmission, sharedKeyAdmission } from './admission';
import { createServerRouter } from './createServerRouter';
import { createReleasesServer, Releases } from './releases';
import { createTrackerServer, Issues } from './tracker';
import { withAddress } from './withAddress';

const LINUS = '5f1c0c5e-0000-4000-8000-0000000000f1';
const KEY = { header: 'x-release-manager-key', key: 'a key of the demo' };

describe('the MCP servers of the demo', () => {
  const connected: Client[] = [];
  let server: Server;
  let baseUrl: string;
  let sign: (changes?: {
    audience?: string;
    issuer?: string;
    typ?: string;
    expires?: string;
    key?: CryptoKey;
  }) => Promise<string>;

  beforeAll(async () => {
    const app = express();
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' };
    app.get('/portal/jwks.json', (_request, response) => {
      response.json({ keys: [jwk] });
    });
    sign = async ({
      audience = `${baseUrl}/tracker`,
      issuer = `${baseUrl}/portal`,
      typ = 'at+jwt',
      expires = '1m',
      key = privateKey,
    } = {}) =>
      new SignJWT()
        .setProtectedHeader({ alg: 'ES256', typ, kid: 'one' })
        .setSubject(LINUS)
        .setIssuer(issuer)
        .setAudience(audience)
        .setExpirationTime(expires)
        .sign(key);

    const logger = mockServices.logger.mock();
    const issues = new Issues();
    const releases = new Releases();
    app.use(
      '/tracker',
      createServerRouter({
        admit: callerTokenAdmission({
          issuer: `${baseUrl}/portal`,
          audience: `${baseUrl}/tracker`,
        }),
        createServer: caller => createTrackerServer(issues, caller!),
        logger,
      }),
    );
    app.use(
      '/releases',
      createServerRouter({
        admit: sharedKeyAdmission(KEY),
        createServer: () => createReleasesServer(releases),
        logger,
      }),
    );
  });

  afterAll(async () => {
    await Promise.all(connected.map(client => client.close()));
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  async function connect(
    path: string,
    headers: Record<string, string>,
  ): Promise<Client> {
    const client = new Client(
      { name: 'test', version: '1' },
      { versionNegotiation: { mode: 'auto' } },
    );
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${baseUrl}${path}`), {
        requestInit: { headers },
      }),
    );
    connected.push(client);
    return client;
  }

  const statusOf = async (path: string, headers: Record<string, string>) =>
    (await fetch(`${baseUrl}${path}`, { method: 'POST', headers })).status;

  it('lets in only whom the portal names, at this server, now', async () => {
    const { privateKey: another } = await generateKeyPair('ES256');
    const refused = [
      '',
      'Bearer nonsense',
      `Bearer ${await sign({ audience: `${baseUrl}/releases` })}`,
      `Bearer ${await sign({ issuer: 'https://portal.example' })}`,
      `Bearer ${await sign({ typ: 'JWT' })}`,
      `Bearer ${await sign({ expires: '-1m' })}`,
      `Bearer ${await sign({ key: another })}`,
    ];
    for (const authorization of refused) {
      expect(await statusOf('/tracker', { authorization })).toBe(401);
    }
    const authorization = `Bearer ${await sign()}`;
    expect(await statusOf('/tracker', { authorization })).not.toBe(401);
  });

  it('lets in only who knows the key', async () => {
    expect(await statusOf('/releases', {})).toBe(401);
    expect(await statusOf('/releases', { [KEY.header]: 'another' })).toBe(401);
    expect(await statusOf('/releases', { [KEY.header]: KEY.key })).not.toBe(
      401,
    );
  });

  it('reports, finds and deletes issues', async () => {
    const tracker = await connect('/tracker', {
      authorization: `Bearer ${await sign()}`,
    });
    const call = (name: string, args: Record<string, unknown>) =>
      tracker.callTool({ name, arguments: args });

    const { structuredContent: created } = await call('create_issue', {
      title: 'Ledger is slow',
      service: 'ledger',
    });
    expect(created).toMatchObject({ state: 'open', reporter: LINUS });
    const { id } = created as { id: string };
    await call('comment', { id, text: 'Since Monday' });

    expect(
      (await call('search_issues', { query: 'monday LEDGER' }))
        .structuredContent,
    ).toMatchObject({ issues: [{ id }], total: 1 });
    expect(
      (await call('list_issues', { limit: 1 })).structuredContent,
    ).toMatchObject({ issues: [{ id }], total: 11 });

    await call('delete_issue', { id });
    expect(await call('get_issue', { id })).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining(`There is no issue ${id}`) }],
    });
  });

  it('promotes what is in staging once, with its progress', async () => {
    const releases = await connect('/releases', { [KEY.header]: KEY.key });
    const request = {
      name: 'promote',
      arguments: { service: 'payments-api' },
    };
    const progress: number[] = [];

    const promoted = await releases.callTool(request, {
      onprogress: step => progress.push(step.progress),
    });
    expect(promoted.structuredContent).toMatchObject({
      version: '4.13.0',
      stage: 'production',
    });
    expect(progress).toEqual([0, 1, 2, 3]);
    expect(await releases.callTool(request)).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('nothing in staging') }],
    });
  });

  it('does not roll back for a client that cannot ask the user', async () => {
    const releases = await connect('/releases', { [KEY.header]: KEY.key });
    await expect(
      releases.callTool({
        name: 'rollback',
        arguments: { service: 'identity-service' },
      }),
    ).rejects.toThrow();
    expect(
      (
        await releases.callTool({
          name: 'list_releases',
          arguments: { service: 'identity-service', stage: 'production' },
        })
      ).structuredContent,
    ).toMatchObject({ releases: [{ version: '7.2.0' }] });
  });
});

describe('withAddress', () => {
  const entity = (type: string, url: string) => ({
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'API',
    metadata: { name: 'tracker' },
    spec: { type, remotes: [{ type: 'streamable-http', url }] },
  });

  it('replaces the address of the demo, and no other', () => {
    const moved = (type: string, url: string) =>
      withAddress(entity(type, url), 'http://localhost:7107');
    expect(moved('mcp-server', 'http://localhost:7007/demo-mcp/x')).toEqual(
      entity('mcp-server', 'http://localhost:7107/demo-mcp/x'),
    );
    for (const url of ['http://localhost:70070/x', 'https://lantern.example']) {
      expect(moved('mcp-server', url)).toEqual(entity('mcp-server', url));
    }
    expect(moved('openapi', 'http://localhost:7007/x')).toEqual(
      entity('openapi', 'http://localhost:7007/x'),
    );
  });
});
