import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { IANAZone } from 'luxon';

/** A section of the configuration that names policies. */
export interface PolicyConfig {
  /** Key of the section, such as `mcpPortal.policy`. */
  key: string;
  /** Whether the policies that come with the plugin are part of the set. */
  useDefault: boolean;
  /** Policies in the configuration itself. */
  policies?: string;
  /** Paths of files with policies, relative to the working directory. */
  files: string[];
  /** IANA time zone of `context.time`. */
  timeZone: string;
}

/**
 * Reads a section that names policies: `default`, `policies`, `files`, `timeZone`.
 *
 * @param config - of the whole backend
 * @param key - of the section
 * @throws InputError naming the key, when a value cannot be used
 */
export function readPolicyConfig(config: Config, key: string): PolicyConfig {
  const section = config.getOptionalConfig(key);
  const files = section?.getOptionalStringArray('files') ?? [];
  for (const [index, file] of files.entries()) {
    if (!file.endsWith('.cedar')) {
      throw new InputError(
        `${key}.files[${index}] is "${file}"; files of policies end with .cedar`,
      );
    }
  }
  const twice = files.find((file, index) => files.indexOf(file) !== index);
  if (twice !== undefined) {
    throw new InputError(`${key}.files names "${twice}" twice`);
  }
  const timeZone = section?.getOptionalString('timeZone') ?? 'UTC';
  if (!IANAZone.isValidZone(timeZone)) {
    throw new InputError(
      `${key}.timeZone is "${timeZone}"; expected an IANA time zone such as Europe/Berlin`,
    );
  }
  return {
    key,
    useDefault: section?.getOptionalBoolean('default') ?? true,
    policies: section?.getOptionalString('policies'),
    files,
    timeZone,
  };
}
