import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AuthorizingProxy,
  Check,
  findDeviations,
  runSuite,
  startAuthorizingProxy,
} from '@prompt-corner/e2e/src/conformance';
import {
  EverythingServer,
  startEverythingServer,
} from '../__testUtils__/everything';
import { startPortal, TestPortal } from '../__testUtils__/startPortal';

jest.setTimeout(90_000);

/** Checks that pass at the server and not through the portal, with the reason. */
const EXCEPTIONS = join(__dirname, 'conformance.exceptions.yaml');

describe('a portal in the MCP conformance suite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portal-conformance-'));
  const servers: EverythingServer[] = [];
  let portal: TestPortal;
  let proxy: AuthorizingProxy;

  beforeAll(async () => {
    const both = await startEverythingServer();
    const old = await startEverythingServer({ eras: ['legacy'] });
    servers.push(both, old);
    const portalOf = (server: string) => ({
      naming: 'original',
      servers: [server],
      classes: ['read', 'write', 'destructive'],
      rateLimit: { requests: 100_000 },
    });
    portal = await startPortal({
      servers: { both: both.url, old: old.url },
      config: {
        portals: {
          default: {},
          'of-both': portalOf('both'),
          'of-old': portalOf('old'),
        },
        policy: {
          policies: '@id("all") permit (principal, action, resource);',
        },
        guardrails: { actions: [{ action: 'flag' }] },
      },
    });
    // The suite cannot send a token.
    proxy = await startAuthorizingProxy(
      portal.url,
      portal.tokenOf(),
      'http://localhost',
    );
  });

  afterAll(async () => {
    await proxy?.stop();
    await portal?.stop();
    await Promise.all(servers.map(server => server.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    { revision: '2026-07-28', server: 'both', index: 0 },
    // The portal speaks the newer revision to the server.
    { revision: '2025-11-25', server: 'both', index: 0 },
    { revision: '2025-11-25', server: 'old', index: 1 },
  ])(
    'passes what the server behind it passes ($revision, server: $server)',
    async ({ revision, server, index }) => {
      const run = (name: string, url: string) =>
        runSuite({ url, revision, outputDir: join(folder, name) });
      const name = `${revision}-${server}`;
      const direct = await run(`${name}-direct`, servers[index].url);
      const through = await run(
        name,
        portal.endpoint(`of-${server}`).replace(portal.url, proxy.url),
      );

      expect(
        findDeviations(
          without(failuresOf(direct), through),
          `${revision} ${server}`,
          EXCEPTIONS,
        ),
      ).toEqual({ unexpected: [], stale: [] });
      expect(successesOf(through)).toBeGreaterThan(60);
    },
  );
});

function failuresOf(results: Map<string, Check[]>): Set<string> {
  return new Set(
    [...results].flatMap(([scenario, checks]) =>
      checks.filter(isFailure).map(({ id }) => `${scenario} ${id}`),
    ),
  );
}

/** What did not pass, but for what did not pass directly either. Warnings count. */
function without(
  known: Set<string>,
  results: Map<string, Check[]>,
): Map<string, Check[]> {
  return new Map(
    [...results].map(([scenario, checks]) => [
      scenario,
      checks
        .filter(
          check => isFailure(check) && !known.has(`${scenario} ${check.id}`),
        )
        .map(check => ({ ...check, status: 'FAILURE' })),
    ]),
  );
}

function isFailure({ status }: Check): boolean {
  return status === 'FAILURE' || status === 'WARNING';
}

function successesOf(results: Map<string, Check[]>): number {
  return [...results.values()]
    .flat()
    .filter(({ status }) => status === 'SUCCESS').length;
}
