import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { InputError } from '@backstage/errors';
import type { PolicyConfig } from './config';
import type { PolicySource } from './problems';

/** Name of the policies that come with a plugin. */
export const DEFAULT_POLICIES = 'default.cedar';

/**
 * The texts of the policies that a configuration names. Read as a whole each time:
 * they are small, and neither times nor sizes of files tell every change.
 *
 * @param defaultPolicies - those that come with the plugin
 * @throws InputError when a file cannot be read
 */
export function readSources(
  config: PolicyConfig,
  defaultPolicies: () => PolicySource,
): PolicySource[] {
  const { key, useDefault, policies, files } = config;
  return [
    ...(useDefault ? [defaultPolicies()] : []),
    ...(policies ? [{ name: `${key}.policies`, text: policies }] : []),
    ...files.map(file => readSource(file, key)),
  ];
}

function readSource(file: string, key: string): PolicySource {
  try {
    return { name: file, text: readFileSync(resolve(file), 'utf8') };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(
      `${file}: cannot be read (${code}); ${key}.files names it, relative to the directory ${process.cwd()}`,
    );
  }
}
