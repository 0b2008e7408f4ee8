import { mkdtempSync, rmSync } from 'node:fs';
import { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { isError } from '@backstage/errors';
import { SecretBox } from '@prompt-corner/encryption';
import {
  Check,
  ClientScenario,
  findDeviations,
  runClientSuite,
} from '@prompt-corner/e2e/src/conformance';
import { noApis } from '../apis/__testUtils__/noApis';
import {
  callerOf,
  startWorld,
  World,
} from '../credentials/__testUtils__/startWorld';
import { TestBrowser } from '../credentials/__testUtils__/TestBrowser';
import { startServer, TestServer } from '../__testUtils__/startServer';
import { upstreamFetch, Upstreams, UpstreamSessions } from '../upstreams';

jest.setTimeout(150_000);

const USER = 'user:default/ada';

/** In which a scenario can ask the user for more. */
const MAX_ROUNDS = 5;

const EXCEPTIONS = join(__dirname, 'conformance.client.exceptions.yaml');

const databases = TestDatabases.create({ ids: ['SQLITE_3'] });

describe('a portal that reaches servers for a user, in the MCP conformance suite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portal-client-conformance-'));
  let world: World;
  let upstreams: Upstreams;
  let client: TestServer;
  let servers = 0;

  beforeAll(async () => {
    const database = await databases.init('SQLITE_3');
    // Nobody knows beforehand at which ports the authorization servers are.
    world = await startWorld(database, { fetch });
    const logger = mockServices.logger.mock();
    upstreams = new Upstreams({
      specifications: noApis,
      sessions: new UpstreamSessions({
        database,
        logger,
        sealer: new SecretBox([{ id: 'k', secret: 'secret of these tests' }], {
          purpose: 'sessions',
          configKey: 'mcpPortal.encryption.keys',
        }),
      }),
      signIn: world.replica().upstream,
      fetchFor: upstreamFetch({ logger }),
      logger,
      version: '1',
    });
    client = await startServer(async (request, response) => {
      try {
        const scenario: ClientScenario = JSON.parse(await bodyOf(request));
        if (scenario.scenario.startsWith('auth/')) {
          await reach(scenario);
        }
        response.end();
      } catch (error) {
        response.writeHead(500).end(`${isError(error) && error.stack}`);
      }
    });
  });

  afterAll(async () => {
    await client?.stop();
    await world?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Lists and calls the tools of a server as a user who agrees to everything. */
  async function reach({ url, context }: ClientScenario) {
    const name = `server${servers++}`;
    const remotes = [{ type: 'streamable-http' as const, url }];
    const server = { entityRef: `api:default/${name}`, name, remotes };
    world.servers.push({ ...server, url, stop: async () => {} } as never);
    world.configured.set(name, {
      mode: 'oauth',
      ...(await registeredClient(url, context)),
    });
    const browser = new TestBrowser(world, USER);
    const ask = async (
      method: string,
      params: Record<string, unknown>,
      round = 1,
    ): Promise<Record<string, any>> => {
      try {
        return await upstreams.request({
          server,
          caller: callerOf(USER),
          client: { session: 'of the test', capabilities: {} },
          method,
          params,
          repeatable: true,
          signal: new AbortController().signal,
          timeoutMs: 10_000,
        });
      } catch (error) {
        const isToConnect =
          isError(error) && error.name === 'AuthorizationNeededError';
        if (!isToConnect || round === MAX_ROUNDS) {
          throw error;
        }
        await browser.connect(name, USER, String(error.elicitationId));
        return ask(method, params, round + 1);
      }
    };
    const { tools } = await ask('tools/list', {});
    for (const tool of tools) {
      await ask('tools/call', { name: tool.name, arguments: {} });
    }
  }

  it.each(['2026-07-28', '2025-11-25'])(
    'signs in as it has to (%s)',
    async revision => {
      const results = await runClientSuite({
        clientUrl: client.url,
        revision,
        outputDir: join(folder, revision),
      });
      expect(
        findDeviations(withWarnings(results), revision, EXCEPTIONS),
      ).toEqual({ unexpected: [], stale: [] });
      const passed = [...results.values()]
        .flat()
        .filter(({ status }) => status === 'SUCCESS');
      expect(passed.length).toBeGreaterThan(200);
    },
  );
});

/** As an administrator sets it, who was told by the owner of the server. */
async function registeredClient(url: string, context: Record<string, unknown>) {
  if (context.client_id === undefined) {
    return {};
  }
  const metadata = new URL('/.well-known/oauth-protected-resource/mcp', url);
  const { authorization_servers: issuers } = await (
    await fetch(metadata)
  ).json();
  return {
    issuer: issuers[0],
    client: {
      id: String(context.client_id),
      secret: String(context.client_secret),
    },
  };
}

function withWarnings(results: Map<string, Check[]>): Map<string, Check[]> {
  return new Map(
    [...results].map(([scenario, checks]) => [
      scenario,
      checks.map(check =>
        check.status === 'WARNING'
          ? {
              ...check,
              status: 'FAILURE',
              errorMessage: (check as { description?: string }).description,
            }
          : check,
      ),
    ]),
  );
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
