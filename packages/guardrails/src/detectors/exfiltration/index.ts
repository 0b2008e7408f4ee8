import type { Detector } from '../Detector';
import { URL_DETECTORS } from './urls';

/** Finds ways for data to leave. */
export const EXFILTRATION_DETECTORS: Detector[] = URL_DETECTORS;
