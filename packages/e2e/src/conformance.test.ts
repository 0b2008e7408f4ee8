import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AuthorizingProxy,
  findDeviations,
  runSuite,
  startAuthorizingProxy,
} from './conformance';
import { useDemo } from './demo';

const SUITE_TIMEOUT_MS = 150_000;

const demo = useDemo();

describe('the catalog server in the MCP conformance suite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-conformance-'));
  let proxy: AuthorizingProxy;

  beforeAll(async () => {
    // The suite cannot send a token.
    proxy = await startAuthorizingProxy(demo.url, await demo.signIn('ada'));
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
