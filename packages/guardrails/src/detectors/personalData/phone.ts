import type { TextView } from '../../text/TextView';
import { anchoredPattern, hasContext } from '../anchored';
import type { Detector, NumberDetector, Span } from '../Detector';
import { ALONE_AFTER, ALONE_BEFORE } from './numberPattern';

/** Country codes (ITU-T E.164, annex to the Operational Bulletin). */
const COUNTRY_CODES =
  '1|7|2[07]|21[1-368]|2[2-4]\\d|25[0-8]|26\\d|29[017-9]|3[0-469]|35\\d|37[0-8]|38[0-35-79]|4[013-9]|42[0-13]|5[1-8]|50\\d|59\\d|6[0-6]|67[0-9]|68\\d|69[0-2]|8[1246]|85[02356]|88[06]|9[0-58]|96[0-8]|97[0-79]|99[2-68]';

/** Words that say that a number is a phone's, when nothing ends between. */
const PHONE_WORDS =
  /(?:phone|\btel\b|\bcall\b|mobile|\bcell|\bfax\b|whats\s?app|\bsms\b|contact|t[ée]l[ée]phone|telefon|\bhandy\b|m[óo]vil|celular|電話|电话|手机|телефон)[^{}[\]<>;\n]{0,24}$/i;

const SEP = '[ .\\-\\u00a0]';

/** How numbers are written at home. All have a separator, and none the shape of a date or a version. */
const NATIONAL = [
  // North America: NXX-NXX-XXXX
  '\\(?[2-9]\\d{2}\\) ?[2-9]\\d{2}[-. ]\\d{4}',
  '(?:1-)?[2-9]\\d{2}-[2-9]\\d{2}-\\d{4}',
  '[2-9]\\d{2}\\.[2-9]\\d{2}\\.\\d{4}',
  // France
  '0[1-9](?:([ .-])\\d{2})(?:\\1\\d{2}){3}',
  // United Kingdom
  '07\\d{3} \\d{3} ?\\d{3}|020 [378]\\d{3} \\d{4}|01\\d{2,3} \\d{3} ?\\d{3,4}',
  // Germany, Austria: mobile and city
  '01[567]\\d[ /-]\\d{7,8}|01[567]\\d[ /-]\\d{3,4}[ -]?\\d{4}|0[2-9]\\d{1,3}[ /-]\\d{6,8}',
  // Japan
  '0[789]0-\\d{4}-\\d{4}|0[36]-\\d{4}-\\d{4}',
  // Brazil
  '\\(?[1-9]\\d\\) ?9?\\d{4}-\\d{4}',
].join('|');

/** With a word that says so, any usual grouping will do. */
const WITH_CONTEXT = `\\(?\\d{2,5}\\)?(?:${SEP}{1,2}\\d{2,5}){1,4}(?!${SEP}?\\d)|\\d{9,11}`;

const nationalPattern = sticky(NATIONAL);
const withContextPattern = sticky(WITH_CONTEXT);

const facts = {
  id: 'personal.phone',
  category: 'personal-data',
  severity: 'medium',
  description:
    'Finds phone numbers: international ones, and national ones in the common notations of several countries.',
} as const;

const NATIONAL_PHONE: NumberDetector = {
  ...facts,
  kind: 'number',
  groupLengths: [1, 2, 3, 4, 5, 6, 9, 10, 11],
  afterLetter: false,
  find: (view, group) => {
    const found = findAt(nationalPattern, view, group.start);
    if (found) {
      return found;
    }
    const candidate = findAt(withContextPattern, view, group.start);
    return candidate &&
      isLength(view, candidate) &&
      hasContext(view, candidate.start, PHONE_WORDS)
      ? candidate
      : undefined;
  },
};

/** Phone numbers. */
export const PHONES: Detector[] = [
  anchoredPattern({
    ...facts,
    anchors: ['+'],
    pattern: new RegExp(
      `(?<![A-Za-z0-9_=+/])\\+(?:${COUNTRY_CODES})${SEP}{0,2}(?:\\(0?\\d{0,4}\\)${SEP}?)?\\d{1,5}(?:${SEP}?\\d{2,5}){1,5}(?![A-Za-z0-9_%:]|[.-]\\d)`,
    ),
    accept: (found, view) => isInternational(found, view),
  }),
  NATIONAL_PHONE,
];

function isInternational(found: string, view: TextView): boolean {
  const digits = found.replace(/\D/g, '');
  return (
    digits.length >= 9 &&
    digits.length <= 15 &&
    new Set(digits).size > 3 &&
    !/patch|diff|version/.test(view.label)
  );
}

function isLength(view: TextView, span: Span): boolean {
  const digits = view.text.slice(span.start, span.end).replace(/\D/g, '');
  return digits.length >= 7 && digits.length <= 13;
}

function sticky(source: string): RegExp {
  return new RegExp(`${ALONE_BEFORE}(?:${source})${ALONE_AFTER}`, 'y');
}

/** A number may begin with the parenthesis before its first digit. */
function findAt(
  pattern: RegExp,
  view: TextView,
  digitStart: number,
): Span | undefined {
  const start = view.text[digitStart - 1] === '(' ? digitStart - 1 : digitStart;
  pattern.lastIndex = start;
  const found = pattern.exec(view.text)?.[0];
  if (!found) {
    return undefined;
  }
  const isDate = /^(?:19|20)\d{2}[-./ ]?[01]?\d[-./ ]/.test(found);
  return isDate ? undefined : { start, end: start + found.length };
}
