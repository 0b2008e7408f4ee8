import type { Config } from '@backstage/config';
import {
  readPolicyConfig,
  type PolicyConfig,
} from '@prompt-corner/cedar-policies';

const KEY = 'aiProxy.policy';

/**
 * Reads the section `aiProxy.policy`.
 *
 * @param config - of the whole backend
 * @throws InputError naming the key, when a value cannot be used
 */
export function readModelPolicyConfig(config: Config): PolicyConfig {
  return readPolicyConfig(config, KEY);
}
