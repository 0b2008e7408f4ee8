import type { Config } from '@backstage/config';
import {
  readPolicyConfig as readSection,
  type PolicyConfig as Section,
} from '@prompt-corner/cedar-policies';

const KEY = 'mcpPortal.policy';

/** The section `mcpPortal.policy`. */
export interface PolicyConfig extends Section {
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
  return {
    ...readSection(config, KEY),
    recordedArguments:
      config.getOptionalStringArray(`${KEY}.recordedArguments`) ?? [],
  };
}
