import { mkdirSync, rmSync } from 'node:fs';
import { buildApp } from './lib/buildApp.mjs';
import { installDependencies, vendoredYarn } from './lib/install.mjs';
import { readFailedFiles, readJestTotals } from './lib/jest.mjs';
import { nodeEnv, provideNode } from './lib/node.mjs';
import { fromRoot, rootDir } from './lib/paths.mjs';
import { isPortTaken } from './lib/ports.mjs';
import { runVisibly } from './lib/runVisibly.mjs';
import { StepError, formatDuration, runMain, runStep } from './lib/step.mjs';

const POSTGRES_PORT = 5432;
/** Test files that failed; more of them are no accident. */
const MAX_REPEATED = 5;

const RESULTS_DIR = fromRoot('test-results');

// Runs all checks, the later ones even if an earlier one failed. The last line says how many
// passed and failed: each test of a Jest run counts, and each of the other checks counts as one. A few
// test files that fail are run again, alone; what fails then has failed.
await runMain(async () => {
  const node = await provideNode();
  await installDependencies(node);
  await buildApp(node);

  rmSync(RESULTS_DIR, { recursive: true, force: true });
  mkdirSync(RESULTS_DIR, { recursive: true });
  const env = nodeEnv(node, await testDatabases());
  const yarn = (...args) => [node, vendoredYarn(), 'run', ...args];

  const checks = [
    ['Types', check(yarn('tsc'), env)],
    ['Lint', check(yarn('lint', '--max-warnings', '0'), env)],
    ['Formatting', check(yarn('format:check'), env)],
    ['Import boundaries', check(yarn('boundaries'), env)],
    ['API reports', check(yarn('api-reports', '--ci'), env)],
    ['Configuration', check(yarn('config:check'), env)],
    ['Tests', jest('tests', yarn('test'), env)],
    ['Browser tests', jest('browser-tests', yarn('test:browser'), env)],
  ];

  const results = [];
  for (const [title, run] of checks) {
    const started = Date.now();
    const { passed, failed } = await run(title);
    results.push({ title, passed, failed, durationMs: Date.now() - started });
  }

  console.log('');
  for (const { title, passed, failed, durationMs } of results) {
    const mark = failed ? '✗' : '✓';
    const counts = `${passed} passed, ${failed} failed`;
    console.log(
      `${mark} ${title.padEnd(20)}${counts.padEnd(24)}${formatDuration(
        durationMs,
      )}`,
    );
  }
  const sum = key => results.reduce((total, result) => total + result[key], 0);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  return sum('failed') > 0 ? 1 : 0;
});

function check(command, env) {
  return async title => {
    try {
      await runStep(title, command, { cwd: rootDir, env });
      return { passed: 1, failed: 0 };
    } catch (error) {
      if (!(error instanceof StepError)) {
        throw error;
      }
      console.log(error.output);
      return { passed: 0, failed: 1 };
    }
  };
}

function jest(name, command, env) {
  return async title => {
    console.log(`${title} ...`);
    const first = await runJest(name, command, env);
    const { length } = first.files;
    if (length === 0 || length > MAX_REPEATED) {
      return first;
    }
    // Real processes and time limits share the cores with the next test file.
    console.log(`\n${title} that failed, alone ...`);
    const again = await runJest(
      `${name}-again`,
      [...command, '--runInBand', ...first.files],
      env,
    );
    if (!again.failed) {
      console.log(
        `\nUNSTEADY: passed alone only. Make them steady:\n${first.files.join(
          '\n',
        )}`,
      );
    }
    return {
      passed: first.passed + first.failed - again.failed,
      failed: again.failed,
    };
  };
}

async function runJest(name, command, env) {
  const resultsFile = `${RESULTS_DIR}/${name}.json`;
  const exitCode = await runVisibly(
    [...command, '--json', `--outputFile=${resultsFile}`],
    { cwd: rootDir, env },
  );
  const { passed, failed } = readJestTotals(resultsFile);
  return {
    passed,
    // Jest may also fail for another reason than a test, for example a coverage threshold.
    failed: exitCode === 0 ? failed : Math.max(failed, 1),
    files: readFailedFiles(resultsFile),
  };
}

// Tests use PostgreSQL where its connection string is given, and SQLite otherwise.
async function testDatabases() {
  if (process.env.CI !== 'true' || !(await isPortTaken(POSTGRES_PORT))) {
    return {};
  }
  return {
    BACKSTAGE_TEST_DATABASE_POSTGRES15_CONNECTION_STRING: `postgresql://postgres@127.0.0.1:${POSTGRES_PORT}`,
  };
}
