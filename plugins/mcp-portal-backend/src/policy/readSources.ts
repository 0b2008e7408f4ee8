import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { InputError } from '@backstage/errors';
import { readDefaultPolicies, type PolicySource } from './compile';
import type { PolicyConfig } from './config';

/** Name of the policies in the configuration. */
const INLINE = 'mcpPortal.policy.policies';

/**
 * The texts of the policies that a configuration names. Read as a whole each time:
 * they are small, and neither times nor sizes of files tell every change.
 *
 * @throws InputError when a file cannot be read
 */
export function readSources(config: PolicyConfig): PolicySource[] {
  return [
    ...(config.useDefault ? [readDefaultPolicies()] : []),
    ...(config.policies ? [{ name: INLINE, text: config.policies }] : []),
    ...config.files.map(readSource),
  ];
}

function readSource(file: string): PolicySource {
  try {
    return { name: file, text: readFileSync(resolve(file), 'utf8') };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(
      `${file}: cannot be read (${code}); mcpPortal.policy.files names it, relative to the directory ${process.cwd()}`,
    );
  }
}
