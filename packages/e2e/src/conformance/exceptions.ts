import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { fromPackage } from '../paths';
import type { Check } from './runSuite';

/** Checks that the server does not pass, for one reason. */
interface Exception {
  reason: string;
  revisions: string[];
  /** Regular expression for the error of each check. */
  message: string;
  /** Ids of checks, by scenario. */
  checks: Record<string, string[]>;
}

/** How a run of the suite differs from what the list of exceptions says. */
export interface Deviations {
  /** Checks that fail and are not listed, or fail with another error than the listed one. */
  unexpected: string[];
  /** Checks that are listed and do not fail. */
  stale: string[];
}

/** Those of the catalog server. */
const CATALOG_EXCEPTIONS = fromPackage('src/conformance/exceptions.yaml');

/**
 * Compares the results of a run with a list of exceptions.
 *
 * @param results - the checks of each scenario
 * @param file - a YAML file of exceptions, like exceptions.yaml
 */
export function findDeviations(
  results: Map<string, Check[]>,
  revision: string,
  file: string = CATALOG_EXCEPTIONS,
): Deviations {
  const listed = new Map<string, RegExp>();
  for (const { revisions, message, checks } of readExceptions(file)) {
    for (const [scenario, ids] of Object.entries(checks)) {
      for (const id of revisions.includes(revision) ? ids : []) {
        listed.set(`${scenario} / ${id}`, new RegExp(message));
      }
    }
  }
  const unexpected: string[] = [];
  for (const [scenario, checks] of results) {
    for (const { id, status, errorMessage = '' } of checks) {
      if (status !== 'FAILURE') {
        continue;
      }
      const name = `${scenario} / ${id}`;
      if (!listed.get(name)?.test(errorMessage)) {
        unexpected.push(`${name}: ${errorMessage}`);
      }
      listed.delete(name);
    }
  }
  return { unexpected, stale: [...listed.keys()] };
}

function readExceptions(file: string): Exception[] {
  return parse(readFileSync(file, 'utf8'));
}
