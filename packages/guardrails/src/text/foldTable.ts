// How characters that look or mean the same become one, so that "ＩｇｎοrΕ" is
// read as "IgnorE". One UTF-16 unit becomes at most one; what does not show is
// removed. Case is kept: tokens need it.

/** Value of the table for a unit that is removed. */
export const REMOVED = 0;

/** Look-alikes that Unicode's compatibility forms do not unite (from Unicode's confusables.txt; the common ones). */
const LOOK_ALIKES: [from: string, to: string][] = [
  // Cyrillic
  ['аеорсухіјѕһԁԛԝкАВЕКМНОРСТХІЈЅУԌ', 'aeopcyxijshdqwkABEKMHOPCTXIJSYG'],
  // Small ones that look alike only as capitals: upper and lower case must fold to the same letter.
  ['вмнт', 'bmht'],
  // Greek
  ['αονρικυετΑΒΕΖΗΙΚΜΝΟΡΤΥΧ', 'aovpikuetABEZHIKMNOPTYX'],
  // Armenian and Cherokee that pass for Latin
  ['օսոհցᎪᏴᏟᎠᎬᎻᎫᏦᏞᎷᏢᏚᎢᏙᏔ', 'ounhgABCDEHJKLMPSTVW'],
  // Small capitals, used as a "font"
  ['ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ', 'abcdefghijklmnoprstuvwyz'],
  ['ıɡɑɩǃ', 'igail'],
  // Dashes, quotes, slashes, bars, the space mark of SentencePiece
  ['‐‑‒–—―−﹣', '--------'],
  ['‘’‚‛′´ʼ', "'''''''"],
  ['“”„‟″«»', '"""""""'],
  ['⁄∕⧸', '///'],
  ['｜∣￨', '|||'],
  ['▁', ' '],
];

/** Units that show nothing, or only change how their neighbours show. */
const INVISIBLE: [first: number, last: number][] = [
  [0x00ad, 0x00ad], // soft hyphen
  [0x0300, 0x036f], // combining marks: accents do not matter here
  [0x034f, 0x034f],
  [0x061c, 0x061c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
];

/** Where compatibility forms matter. Scripts outside have none that a phrase of ours could be written in. */
const COMPATIBLE: [first: number, last: number][] = [
  [0x00a0, 0x024f],
  [0x0370, 0x052f],
  [0x1e00, 0x1fff],
  [0x2000, 0x24ff],
  [0xff00, 0xffef],
];

/** What each UTF-16 unit becomes. Control characters and whitespace stay. */
export const FOLD_TABLE = createTable();

function createTable(): Uint16Array {
  const table = new Uint16Array(65536);
  for (let unit = 0; unit < table.length; unit++) {
    table[unit] = unit;
  }
  for (const [first, last] of COMPATIBLE) {
    for (let unit = first; unit <= last; unit++) {
      table[unit] = compatibleUnit(unit);
    }
  }
  for (const [from, to] of LOOK_ALIKES) {
    const units = [...from];
    units.forEach((character, index) => {
      table[character.charCodeAt(0)] = to.charCodeAt(index);
    });
  }
  for (const [first, last] of INVISIBLE) {
    table.fill(REMOVED, first, last + 1);
  }
  return table;
}

function compatibleUnit(unit: number): number {
  const decomposed = String.fromCharCode(unit)
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '');
  return decomposed.length === 1 ? decomposed.charCodeAt(0) : unit;
}
