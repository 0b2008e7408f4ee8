import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AuthorizingProxy,
  findDeviations,
  runAuthorizationSuite,
  runSuite,
  startAuthorizingProxy,
} from './conformance';
import { useDemo } from './demo';
import { authorizeWithoutBrowser } from './oauth';

const SUITE_TIMEOUT_MS = 150_000;

const demo = useDemo();

describe('the catalog server in the MCP conformance suite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-conformance-'));
  let proxy: AuthorizingProxy;

  beforeAll(async () => {
    // The suite cannot send a token.
    proxy = await startAuthorizingProxy(demo.url, await demo.agentToken('ada'));
  });

  afterAll(async () => {
    await proxy?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    // What the revision requires of any server; these pass without exception.
    {
      revision: '2026-07-28',
      core: ['tools-list', 'caching', 'dns-rebinding-protection'],
    },
    {
      revision: '2025-11-25',
      core: ['server-initialize', 'ping', 'dns-rebinding-protection'],
    },
  ])(
    'conforms to $revision, but for the listed exceptions',
    async ({ revision, core }) => {
      const results = await runSuite({
        url: demo.endpoint.replace(demo.url, proxy.url),
        revision,
        outputDir: join(folder, revision),
      });

      expect(findDeviations(results, revision)).toEqual({
        unexpected: [],
        stale: [],
      });
      for (const scenario of core) {
        expect(results.get(scenario)).toContainEqual(
          expect.objectContaining({ status: 'SUCCESS' }),
        );
      }
    },
    SUITE_TIMEOUT_MS,
  );
});

describe('the authorization server in the MCP conformance suite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-conformance-'));

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('conforms without exception', async () => {
    const token = await demo.signIn('ada');
    const results = await runAuthorizationSuite({
      issuer: demo.issuer,
      clientId: 'mcp-inspector',
      resource: demo.endpoint,
      openBrowser: url => authorizeWithoutBrowser(url, token),
      outputDir: folder,
    });

    const statuses = [...results].map(([scenario, checks]) => [
      scenario,
      ...checks.map(({ id, status, errorMessage = '' }) =>
        `${id}: ${status} ${errorMessage}`.trim(),
      ),
    ]);
    expect(statuses.sort()).toEqual([
      ['authorization-code-grant', 'authorization-code-grant: SUCCESS'],
      [
        'authorization-server-metadata-endpoint',
        'authorization-server-metadata: SUCCESS',
        'authorization-server-metadata-cimd: SUCCESS',
      ],
    ]);
  });
});
