import type { Detector } from '../Detector';
import { ENGLISH_INJECTIONS } from './english';
import { HIDDEN_TEXT } from './hiddenText';
import { OTHER_LANGUAGE_INJECTIONS } from './languages';
import { MARKUP_INJECTIONS } from './markup';

/** Finds text that tries to steer a model. */
export const PROMPT_INJECTION_DETECTORS: Detector[] = [
  ...ENGLISH_INJECTIONS,
  ...OTHER_LANGUAGE_INJECTIONS,
  ...MARKUP_INJECTIONS,
  ...HIDDEN_TEXT,
];
