import type { TextView } from '../../text/TextView';
import type { NumberDetector } from '../Detector';
import { isLuhn } from './checkDigits';

/** Numbers issued by the networks, with their lengths (ISO/IEC 7812; ranges as the networks publish them). */
const ISSUED: [prefix: RegExp, lengths: number[]][] = [
  [/^4/, [16, 19]], // Visa
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]], // Mastercard
  [/^3[47]/, [15]], // American Express
  [/^(?:6011|64[4-9]|65)/, [16, 19]], // Discover
  [/^(?:352[89]|35[3-8])/, [16, 19]], // JCB
  [/^(?:30[0-5]|309|36|38|39)/, [14, 16]], // Diners Club
  [/^62/, [16, 17, 18, 19]], // UnionPay
  [/^(?:5018|5020|5038|5893|6304|6759|676[1-3])/, [16, 17, 18, 19]], // Maestro
];

/** Alone, or in the groups that cards print. */
const WRITTEN =
  /(?<![A-Za-z0-9_]|[A-Za-z0-9_][-/+]|\d[ .:])(?:\d{14,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{3})?|\d{4}([ -])\d{6}\2\d{4,5})(?![A-Za-z0-9_]|[-./:][A-Za-z0-9_]| \d{3,4}(?:\D|$))/y;

/** What makes a number of that length something else. */
const OTHER_NUMBER =
  /(?:(?<!card[ _-]?)(?<![a-z])u?ids?|(?:order|invoice|tracking|trace|span|request|session|transaction|message|event|user|account|object|snowflake|build|job|run|commit|timestamp|seq(?:uence)?|offset|imei|sku|isbn|ean|part|serial|time)[a-z]*[ _-]{0,2}(?:id|no|nr|number|num|ref|code|#)?)["']?\s{0,3}[:=#]?\s{0,3}["']?$/i;

/** Numbers of payment cards. */
export const PAYMENT_CARD: NumberDetector = {
  kind: 'number',
  id: 'personal.payment-card',
  category: 'personal-data',
  severity: 'high',
  description:
    'Finds numbers of payment cards that an existing network can have issued and whose check digit is right.',
  groupLengths: [4, 14, 15, 16, 17, 18, 19],
  afterLetter: false,
  find: (view, group) => {
    WRITTEN.lastIndex = group.start;
    const found = WRITTEN.exec(view.text)?.[0];
    if (!found) {
      return undefined;
    }
    const digits = found.replace(/\D/g, '');
    if (!isIssued(digits) || !isLuhn(digits)) {
      return undefined;
    }
    const isPlain = digits.length === found.length;
    return isPlain && isOtherNumber(view, group.start)
      ? undefined
      : { start: group.start, end: group.start + found.length };
  },
};

function isIssued(digits: string): boolean {
  return ISSUED.some(
    ([prefix, lengths]) =>
      lengths.includes(digits.length) && prefix.test(digits),
  );
}

function isOtherNumber(view: TextView, start: number): boolean {
  const before = view.text.slice(Math.max(0, start - 32), start);
  return OTHER_NUMBER.test(before || view.label);
}
