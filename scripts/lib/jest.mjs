import { existsSync, readFileSync } from 'node:fs';

/**
 * Reads which test files of such a run failed.
 *
 * @param {string} file path of the results
 * @returns {string[]} their paths; none when there are no results
 */
export function readFailedFiles(file) {
  if (!existsSync(file)) {
    return [];
  }
  const { testResults } = JSON.parse(readFileSync(file, 'utf8'));
  return testResults
    .filter(({ status }) => status === 'failed')
    .map(({ name }) => name);
}

/**
 * Reads the totals of a Jest run with `--json --outputFile`.
 *
 * @param {string} file path of the results
 * @returns {{ passed: number, failed: number }} a run without results counts as one failure, and so does
 *   each test file that could not be run
 */
export function readJestTotals(file) {
  if (!existsSync(file)) {
    return { passed: 0, failed: 1 };
  }
  const results = JSON.parse(readFileSync(file, 'utf8'));
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
  };
}
