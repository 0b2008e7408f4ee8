import type { Detector } from './Detector';
import { ENGINE_DETECTORS } from './engineDetectors';
import { EXFILTRATION_DETECTORS } from './exfiltration';
import { PERSONAL_DATA_DETECTORS } from './personalData';
import { PROMPT_INJECTION_DETECTORS } from './promptInjection';
import { SECRET_DETECTORS } from './secrets';

/** Everything that can be found without configuration. Several may share an id: they find the same thing in other ways. */
export const BUILT_IN_DETECTORS: readonly Detector[] = [
  ...SECRET_DETECTORS,
  ...PERSONAL_DATA_DETECTORS,
  ...PROMPT_INJECTION_DETECTORS,
  ...EXFILTRATION_DETECTORS,
  ...Object.values(ENGINE_DETECTORS),
];
