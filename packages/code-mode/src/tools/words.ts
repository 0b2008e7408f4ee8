const MAX_CHARACTERS = 2000;
const MAX_WORD_CHARACTERS = 40;

// English words that questions are made of and that say nothing about a tool.
const STOP_WORDS = new Set(
  (
    'a about after all also an and another any anything are as at be been before but by can could did do does ' +
    'each everything few for from get had has have he her here his how i if in into is it its just let like ' +
    'many may me might more most much must my need no not now of off on one or other our out over per please ' +
    'right she should so some somebody someone something than that the their them then there these they thing ' +
    'this those through to up us use used using via want was we were what when where who whom whose why ' +
    'will with would you your'
  ).split(' '),
);

/**
 * Splits text and identifiers into words in lower case, without their endings:
 * `createIssue`, `create_issue` and `creating issues` have the same.
 */
export function words(text: string): string[] {
  return text
    .slice(0, MAX_CHARACTERS)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .replace(/['’](?:s|re|t)\b/g, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter(word => word !== '' && !STOP_WORDS.has(word))
    .map(word => stem(word.slice(0, MAX_WORD_CHARACTERS)));
}

/** The part that plurals and forms of a verb share; not always a word. */
export function stem(word: string): string {
  return withoutVowel(withoutForm(withoutPlural(word)));
}

function withoutPlural(word: string): string {
  if (word.length > 4 && /[^aeiou]ies$/.test(word)) {
    return `${word.slice(0, -3)}y`;
  }
  if (word.length > 4 && /(?:s|x|z|ch|sh)es$/.test(word)) {
    return word.slice(0, -2);
  }
  return word.length > 3 && /[^siu]s$/.test(word) ? word.slice(0, -1) : word;
}

function withoutForm(word: string): string {
  if (word.length > 4 && word.endsWith('ied')) {
    return `${word.slice(0, -3)}y`;
  }
  const [, root] = /^(.*[aeiouy].*)(?:ing|ed)$/.exec(word) ?? [];
  if (!root || root.length < 3) {
    return word;
  }
  return /([^aeioulsz])\1$/.test(root) ? root.slice(0, -1) : root;
}

/** `merge` and `merging`, `query` and `queries`, `notify` and `notification` begin alike. */
function withoutVowel(word: string): string {
  if (word.length > 4 && /[^aeiou]y$/.test(word)) {
    return `${word.slice(0, -1)}i`;
  }
  return word.length > 3 && word.endsWith('e') ? word.slice(0, -1) : word;
}
