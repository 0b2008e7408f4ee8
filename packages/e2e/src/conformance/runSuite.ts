import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findFreePort } from '@prompt-corner/backend-testing/ports';
import { parse } from 'yaml';
import { runProgram } from '../processes';

const TIMEOUT_MS = 120_000;

const PACKAGE_DIR = dirname(
  require.resolve('@modelcontextprotocol/conformance/package.json'),
);

const CLI = join(PACKAGE_DIR, 'dist/index.js');

/** Name of a folder with results, such as `server-tools-list-2026-11-21T04-53-18-347Z`. */
const RESULT_FOLDER =
  /^(?:authorization-)?server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/;

/** Every scenario for authorization servers (`conformance list --authorization`). */
const AUTHORIZATION_SCENARIOS = [
  'authorization-server-metadata-endpoint',
  'authorization-code-grant',
];

/** One check of a scenario, as in its checks.json. */
export interface Check {
  id: string;
  status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  errorMessage?: string;
}

/**
 * Runs the server scenarios of a revision of the protocol, those that the
 * suite does not score included.
 *
 * @param options.outputDir - an empty folder, for the results
 * @returns the checks of each scenario
 * @throws Error when a scenario left no results
 */
export async function runSuite(options: {
  url: string;
  revision: string;
  outputDir: string;
}): Promise<Map<string, Check[]>> {
  const { url, revision, outputDir } = options;
  const { stdout, stderr } = await runProgram(
    process.execPath,
    [
      ...[CLI, 'server', '--url', url],
      ...['--requirements', revision],
      ...['--output-dir', outputDir],
    ],
    { env: process.env, timeoutMs: TIMEOUT_MS },
  );
  return readResults(outputDir, scenariosOf(revision), stdout + stderr);
}

/**
 * Runs the scenarios for authorization servers.
 *
 * @param options.clientId - of a registered client that is redirected to `http://127.0.0.1/callback`
 * @param options.resource - what the suite asks a token for
 * @param options.openBrowser - gets the URL at which a user has to approve
 * @param options.outputDir - an empty folder, for the results
 * @returns the checks of each scenario
 * @throws Error when a scenario left no results
 */
export async function runAuthorizationSuite(options: {
  issuer: string;
  clientId: string;
  resource: string;
  openBrowser: (url: URL) => Promise<unknown>;
  outputDir: string;
}): Promise<Map<string, Check[]>> {
  const { issuer, clientId, resource, openBrowser, outputDir } = options;
  let opened: Promise<unknown> | undefined;
  const { stdout, stderr } = await runProgram(
    process.execPath,
    [
      ...[CLI, 'authorization', '--url', issuer],
      ...['--client-id', clientId, '--resource', resource],
      ...['--port', String(await findFreePort())],
      ...['--output-dir', outputDir],
    ],
    {
      env: process.env,
      timeoutMs: TIMEOUT_MS,
      onOutput: output => {
        const url = /(http\S+\/authorize\?\S+)\s/.exec(output)?.[1];
        if (url && !opened) {
          opened = openBrowser(new URL(url));
          // Awaited below, after the suite has ended.
          opened.catch(() => {});
        }
      },
    },
  );
  await opened;
  return readResults(outputDir, AUTHORIZATION_SCENARIOS, stdout + stderr);
}

function readResults(
  outputDir: string,
  expected: string[],
  output: string,
): Map<string, Check[]> {
  const results = new Map<string, Check[]>();
  for (const folder of readdirSync(outputDir)) {
    const scenario = RESULT_FOLDER.exec(folder)?.[1];
    if (scenario) {
      const file = join(outputDir, folder, 'checks.json');
      results.set(scenario, JSON.parse(readFileSync(file, 'utf8')));
    }
  }
  const missing = expected.filter(name => !results.has(name));
  if (missing.length > 0) {
    throw new Error(`No results of ${missing.join(', ')}:\n${output}`);
  }
  return results;
}

/** What a revision requires of servers, and what the suite runs besides. */
function scenariosOf(revision: string): string[] {
  const file = join(PACKAGE_DIR, 'requirements', `${revision}.yaml`);
  const requirements = parse(readFileSync(file, 'utf8')) as {
    server: string[];
    not_scored: Array<{ scenario: string; leg: 'server' | 'client' }>;
  };
  return [
    ...requirements.server,
    ...requirements.not_scored
      .filter(({ leg }) => leg === 'server')
      .map(({ scenario }) => scenario),
  ];
}
