import type { Detector } from '../Detector';
import { CLOUD_TOKENS } from './cloudTokens';
import { KEYS_AND_JWTS } from './keysAndJwts';
import { MODEL_TOKENS } from './modelTokens';
import { NAMED_SECRETS } from './namedSecrets';
import { SERVICE_TOKENS } from './serviceTokens';

export { findLabelledSecret } from './namedSecrets';

/** Finds credentials. */
export const SECRET_DETECTORS: Detector[] = [
  ...CLOUD_TOKENS,
  ...SERVICE_TOKENS,
  ...MODEL_TOKENS,
  ...KEYS_AND_JWTS,
  ...NAMED_SECRETS,
];
