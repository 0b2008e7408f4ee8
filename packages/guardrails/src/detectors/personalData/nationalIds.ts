import type { NumberDetector } from '../Detector';
import {
  isLuhn,
  isMod11_10,
  isVerhoeff,
  modulo97,
  weightedSum,
} from './checkDigits';
import { ALONE_AFTER, ALONE_BEFORE, numberPattern } from './numberPattern';

/** A pattern of digits that stand alone. */
function alone(source: string): RegExp {
  return new RegExp(`${ALONE_BEFORE}(?:${source})${ALONE_AFTER}`);
}

function nationalId(
  name: string,
  description: string,
  options: Omit<
    Parameters<typeof numberPattern>[0],
    'id' | 'category' | 'severity' | 'description'
  >,
): NumberDetector {
  return numberPattern({
    id: `personal.${name}`,
    category: 'personal-data',
    severity: 'high',
    description,
    ...options,
  });
}

/** Numbers of persons that a state gives, with its own rules and check digits. */
export const NATIONAL_IDS: NumberDetector[] = [
  nationalId('us-ssn', 'Finds social security numbers of the United States.', {
    groupLengths: [3, 9],
    pattern: alone('\\d{3}-\\d{2}-\\d{4}|\\d{3} \\d{2} \\d{4}|\\d{9}'),
    otherContext:
      /(?:part|serial|model|sku|item|order|case|ref(?:erence)?|ticket|batch|lot)\.?(?: (?:no|nr|number|id|#)\.?)?[:# ]{0,3}$/i,
    contextIfPlain: /ssn|social.?security|tax.?payer|\btin\b|itin/i,
    // Never issued: area 000, 666 and 900-999, group 00, serial 0000.
    isValid: digits =>
      !/^(?:000|666|9)|^...00|0000$|^(?:123456789|078051120|219099999)$/.test(
        digits,
      ) && new Set(digits).size > 2,
  }),
  nationalId(
    'uk-nino',
    'Finds national insurance numbers of the United Kingdom.',
    {
      groupLengths: [2, 6],
      before: 2,
      pattern: alone('[A-Z]{2}\\d{2} ?\\d{2} ?\\d{2} ?[A-D]'),
      isValid: characters =>
        !/^(?:BG|GB|NK|KN|TN|NT|ZZ)|^[DFIQUV]|^.[DFIOQUV]/.test(characters),
    },
  ),
  nationalId(
    'uk-nino',
    'Finds national insurance numbers of the United Kingdom.',
    {
      groupLengths: [2],
      before: 3,
      afterLetter: false,
      pattern: alone('[A-Z]{2} \\d{2} \\d{2} \\d{2} [A-D]'),
      isValid: characters =>
        !/^(?:BG|GB|NK|KN|TN|NT|ZZ)|^[DFIQUV]|^.[DFIOQUV]/.test(characters),
    },
  ),
  nationalId('uk-nhs-number', 'Finds NHS numbers of England and Wales.', {
    groupLengths: [3, 10],
    pattern: alone('\\d{3}[ -]\\d{3}[ -]\\d{4}|\\d{10}'),
    context: /\bnhs\b/i,
    isValid: digits =>
      (11 - (weightedSum(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11 ===
      Number(digits[9]),
  }),
  nationalId('de-tax-id', 'Finds tax ids of Germany.', {
    groupLengths: [2, 11],
    pattern: alone('\\d{2} \\d{3} \\d{3} \\d{3}|\\d{11}'),
    contextIfPlain: /steuer|tax.?id|idnr|\btin\b/i,
    // One digit appears twice or three times among the first ten, the others at most once.
    isValid: digits =>
      digits[0] !== '0' &&
      [8, 9].includes(new Set(digits.slice(0, 10)).size) &&
      isMod11_10(digits),
  }),
  nationalId('fr-nir', 'Finds social security numbers of France.', {
    groupLengths: [1, 13, 15],
    pattern: alone(
      '[12] ?\\d{2} ?(?:0[1-9]|1[0-2]|[2-4]\\d|[5-9]\\d) ?(?:\\d{2}|2[AB]) ?\\d{3} ?\\d{3} ?\\d{2}',
    ),
    isValid: isNir,
  }),
  nationalId('es-dni', 'Finds identity numbers of Spain (DNI).', {
    groupLengths: [8],
    pattern: alone('\\d{8}-?[A-HJ-NP-TV-Z]'),
    isValid: isDni,
  }),
  nationalId('es-nie', 'Finds identity numbers of foreigners in Spain (NIE).', {
    groupLengths: [7],
    before: 1,
    pattern: alone('[XYZ]\\d{7}-?[A-HJ-NP-TV-Z]'),
    isValid: characters =>
      isDni('XYZ'.indexOf(characters[0]) + characters.slice(1)),
  }),
  nationalId('it-codice-fiscale', 'Finds tax codes of persons in Italy.', {
    groupLengths: [2],
    before: 6,
    pattern: alone('[A-Z]{6}\\d{2}[A-EHLMPRST][0-7]\\d[A-Z]\\d{3}[A-Z]'),
    isValid: isCodiceFiscale,
  }),
  nationalId('nl-bsn', 'Finds citizen service numbers of the Netherlands.', {
    groupLengths: [3, 4, 9],
    pattern: alone(
      '\\d{9}|\\d{4}\\.\\d{2}\\.\\d{3}|\\d{3}[. ]\\d{3}[. ]\\d{3}',
    ),
    context: /\bbsn\b|burgerservice|sofi/i,
    isValid: digits =>
      weightedSum(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0 &&
      new Set(digits).size > 2,
  }),
  nationalId(
    'be-national-number',
    'Finds national register numbers of Belgium.',
    {
      groupLengths: [2, 11],
      pattern: alone('\\d{2}\\.\\d{2}\\.\\d{2}-\\d{3}\\.\\d{2}|\\d{11}'),
      contextIfPlain: /rijksregister|national.?(?:number|register)|insz|niss/i,
      isValid: digits =>
        ['', '2'].some(
          century =>
            97 - modulo97(century + digits.slice(0, 9)) ===
            Number(digits.slice(9)),
        ),
    },
  ),
  nationalId('pl-pesel', 'Finds PESEL numbers of Poland.', {
    groupLengths: [11],
    pattern: alone('\\d{11}'),
    context: /pesel/i,
    isValid: digits =>
      weightedSum(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0,
  }),
  nationalId('se-personnummer', 'Finds personal identity numbers of Sweden.', {
    groupLengths: [6, 8],
    pattern: alone(
      '(?:19|20)?\\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])[-+]\\d{4}',
    ),
    isValid: digits => isLuhn(digits.slice(-10)) && !/0000$/.test(digits),
  }),
  nationalId('ca-sin', 'Finds social insurance numbers of Canada.', {
    groupLengths: [3, 9],
    pattern: alone('\\d{3}[ -]\\d{3}[ -]\\d{3}|\\d{9}'),
    context: /\bsin\b|social.?insurance|assurance.?sociale/i,
    isValid: digits => isLuhn(digits) && new Set(digits).size > 2,
  }),
  nationalId('br-cpf', 'Finds tax numbers of persons in Brazil (CPF).', {
    groupLengths: [3, 11],
    pattern: alone('\\d{3}\\.\\d{3}\\.\\d{3}-\\d{2}|\\d{11}'),
    contextIfPlain: /\bcpf\b/i,
    isValid: isCpf,
  }),
  nationalId('in-aadhaar', 'Finds Aadhaar numbers of India.', {
    groupLengths: [4, 12],
    pattern: alone('[2-9]\\d{3}([ -])\\d{4}\\1\\d{4}|[2-9]\\d{11}'),
    contextIfPlain: /aadh?aa?r|uidai/i,
    isValid: digits => isVerhoeff(digits) && new Set(digits).size > 3,
  }),
  nationalId('in-pan', 'Finds permanent account numbers of India.', {
    groupLengths: [4],
    before: 5,
    pattern: alone('[A-Z]{3}[ABCFGHLJPT][A-Z]\\d{4}[A-Z]'),
    context: /\bpan\b|permanent.?account/i,
    isValid: () => true,
  }),
];

/** Corsica's departments 2A and 2B count as 19 and 18. */
function isNir(characters: string): boolean {
  const number = characters
    .slice(0, 13)
    .replace('2A', '19')
    .replace('2B', '18');
  return 97 - modulo97(number) === Number(characters.slice(13));
}

function isDni(characters: string): boolean {
  const letters = 'TRWAGMYFPDXBNJZSQVHLCKE';
  return (
    letters[Number(characters.slice(0, -1)) % 23] === characters.at(-1) &&
    new Set(characters).size > 3
  );
}

/** Values of characters in odd places (Decreto ministeriale 23 dicembre 1976). */
const ODD_VALUES = [
  1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10,
  22, 25, 24, 23,
];

function isCodiceFiscale(characters: string): boolean {
  let sum = 0;
  for (let index = 0; index < 15; index++) {
    const value = parseInt(characters[index], 36);
    const rank = value > 9 ? value - 10 : value;
    sum += index % 2 === 0 ? ODD_VALUES[rank] : rank;
  }
  return String.fromCharCode(65 + (sum % 26)) === characters[15];
}

function isCpf(digits: string): boolean {
  const check = (length: number) => {
    const weights = Array.from({ length }, (_, index) => length + 1 - index);
    return ((weightedSum(digits, weights) * 10) % 11) % 10;
  };
  return (
    new Set(digits).size > 2 &&
    check(9) === Number(digits[9]) &&
    check(10) === Number(digits[10])
  );
}
