import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { runProgram } from '../processes';

const TIMEOUT_MS = 120_000;

const PACKAGE_DIR = dirname(
  require.resolve('@modelcontextprotocol/conformance/package.json'),
);

/** Name of a folder with results, such as `server-tools-list-2026-11-21T04-53-18-347Z`. */
const RESULT_FOLDER = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/;

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
      join(PACKAGE_DIR, 'dist/index.js'),
      ...['server', '--url', url],
      ...['--requirements', revision],
      ...['--output-dir', outputDir],
    ],
    { env: process.env, timeoutMs: TIMEOUT_MS },
  );
  const results = new Map<string, Check[]>();
  for (const folder of readdirSync(outputDir)) {
    const scenario = RESULT_FOLDER.exec(folder)?.[1];
    if (scenario) {
      const file = join(outputDir, folder, 'checks.json');
      results.set(scenario, JSON.parse(readFileSync(file, 'utf8')));
    }
  }
  const missing = scenariosOf(revision).filter(name => !results.has(name));
  if (missing.length > 0) {
    throw new Error(`No results of ${missing.join(', ')}:\n${stdout}${stderr}`);
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
