import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { fromPackage } from '../paths';
import { runProgram } from '../processes';
import type { Check } from './runSuite';

const TIMEOUT_MS = 120_000;

const PACKAGE_DIR = dirname(
  require.resolve('@modelcontextprotocol/conformance/package.json'),
);

/** Sent to the URL by the command that the suite runs for each scenario. */
const COMMAND = fromPackage('src/conformance/clientCommand.mjs');

/** What a client has to reach. */
export interface ClientScenario {
  /** Such as `auth/scope-step-up`. */
  scenario: string;
  /** URL of the server. */
  url: string;
  /** What the scenario tells the client beforehand, such as a registered client. */
  context: Record<string, unknown>;
}

/**
 * Runs the scenarios about signing in that a revision of the protocol requires
 * of clients. For each of them the suite starts a server, and a
 * {@link ClientScenario} is posted to a URL, where the client under test is; so
 * it is for scenarios about other things, which are of no interest here.
 *
 * @param options.clientUrl - answers when the client has done what it can, with an error status when it failed
 * @param options.outputDir - an empty folder, for the results
 * @returns the checks of each scenario
 * @throws Error when a scenario left no results
 */
export async function runClientSuite(options: {
  clientUrl: string;
  revision: string;
  outputDir: string;
}): Promise<Map<string, Check[]>> {
  const { clientUrl, revision, outputDir } = options;
  const { stdout, stderr } = await runProgram(
    process.execPath,
    [
      ...[join(PACKAGE_DIR, 'dist/index.js'), 'client'],
      ...['--command', `${process.execPath} ${COMMAND} ${clientUrl}`],
      ...['--requirements', revision],
      ...['--output-dir', outputDir],
    ],
    { env: process.env, timeoutMs: TIMEOUT_MS },
  );
  const found = new Map<string, Check[]>();
  const folder = join(outputDir, 'auth');
  for (const name of readdirSync(folder)) {
    // Such as `scope-step-up-2026-11-21T04-53-18-347Z`.
    const scenario = `auth/${name.replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '')}`;
    const file = join(folder, name, 'checks.json');
    found.set(scenario, JSON.parse(readFileSync(file, 'utf8')));
  }
  return new Map(
    scenariosOf(revision).map(scenario => {
      const checks = found.get(scenario);
      if (!checks) {
        throw new Error(`No results of ${scenario}:\n${stdout}${stderr}`);
      }
      return [scenario, checks];
    }),
  );
}

function scenariosOf(revision: string): string[] {
  const file = join(PACKAGE_DIR, 'requirements', `${revision}.yaml`);
  const { client } = parse(readFileSync(file, 'utf8')) as { client: string[] };
  return client.filter(name => name.startsWith('auth/'));
}
