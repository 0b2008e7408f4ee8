import { modulo97 } from './checkDigits';
import { numberPattern } from './numberPattern';

/** Lengths by country (SWIFT IBAN registry). */
const LENGTHS: Record<string, number> = Object.fromEntries(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ' +
    'ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 ' +
    'LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 ' +
    'QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map(entry => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** International bank account numbers (ISO 13616). */
export const IBAN = numberPattern({
  id: 'personal.iban',
  category: 'personal-data',
  severity: 'high',
  description:
    'Finds international bank account numbers with the length of their country and right check digits.',
  previewChars: 2,
  before: 2,
  groupLengths: Array.from({ length: 30 }, (_, index) => index + 2),
  pattern:
    /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:(?: |-)?[A-Z0-9]{4}){2,7}(?:(?: |-)?[A-Z0-9]{1,3})?(?![A-Za-z0-9])/,
  isValid: isIban,
});

function isIban(characters: string): boolean {
  const rearranged = characters.slice(4) + characters.slice(0, 4);
  const digits = rearranged.replace(/[A-Z]/g, letter =>
    String(letter.charCodeAt(0) - 55),
  );
  return (
    LENGTHS[characters.slice(0, 2)] === characters.length &&
    modulo97(digits) === 1
  );
}
