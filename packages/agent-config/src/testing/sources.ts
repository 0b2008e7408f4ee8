import { compileAgentConfig } from '../compile';
import { formatProblem } from '../sources';

/** Compiles files, by path. */
export function compileFiles(files: Record<string, string>) {
  return compileAgentConfig({
    files: Object.entries(files).map(([path, content]) => ({ path, content })),
    problems: [],
  });
}

/** What is wrong with files, a line each. */
export function problemsOf(files: Record<string, string>): string[] {
  const compiled = compileFiles(files);
  return compiled.ok ? [] : compiled.problems.map(formatProblem);
}

/**
 * What files are compiled to.
 *
 * @throws Error with all problems when they cannot be
 */
export function configOf(files: Record<string, string>) {
  const compiled = compileFiles(files);
  if (!compiled.ok) {
    throw new Error(compiled.problems.map(formatProblem).join('\n'));
  }
  return compiled.config;
}
