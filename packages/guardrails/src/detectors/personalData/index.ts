import type { Detector } from '../Detector';
import { EMAIL } from './email';
import { IBAN } from './iban';
import { NATIONAL_IDS } from './nationalIds';
import { PAYMENT_CARD } from './paymentCard';
import { PHONES } from './phone';

/** Finds what tells who a person is, or reaches them. */
export const PERSONAL_DATA_DETECTORS: Detector[] = [
  EMAIL,
  ...PHONES,
  PAYMENT_CARD,
  IBAN,
  ...NATIONAL_IDS,
];
