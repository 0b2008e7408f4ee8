import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { IANAZone } from 'luxon';

const KEY = 'mcpPortal.policy';

/** The section `mcpPortal.policy`. */
export interface PolicyConfig {
  /** Whether the policies that come with the portal are part of the set. */
  useDefault: boolean;
  /** Policies in the configuration itself. */
  policies?: string;
  /** Paths of files with policies, relative to the working directory. */
  files: string[];
  /** IANA time zone of `context.time`. */
  timeZone: string;
  /** Paths of arguments whose values are recorded. */
  recordedArguments: string[];
}

/**
 * Reads the section `mcpPortal.policy`.
 *
 * @param config - of the whole backend
 * @throws InputError naming the key, when a value cannot be used
 */
export function readPolicyConfig(config: Config): PolicyConfig {
  const section = config.getOptionalConfig(KEY);
  const files = section?.getOptionalStringArray('files') ?? [];
  for (const [index, file] of files.entries()) {
    if (!file.endsWith('.cedar')) {
      throw new InputError(
        `${KEY}.files[${index}] is "${file}"; files of policies end with .cedar`,
      );
    }
  }
  const twice = files.find((file, index) => files.indexOf(file) !== index);
  if (twice !== undefined) {
    throw new InputError(`${KEY}.files names "${twice}" twice`);
  }
  const timeZone = section?.getOptionalString('timeZone') ?? 'UTC';
  if (!IANAZone.isValidZone(timeZone)) {
    throw new InputError(
      `${KEY}.timeZone is "${timeZone}"; expected an IANA time zone such as Europe/Berlin`,
    );
  }
  return {
    useDefault: section?.getOptionalBoolean('default') ?? true,
    policies: section?.getOptionalString('policies'),
    files,
    timeZone,
    recordedArguments:
      section?.getOptionalStringArray('recordedArguments') ?? [],
  };
}
