import { foldPhrase } from '../text/TextView';

/** Letters and digits that pass for each other in names, beyond what folding unites. */
const SIMILAR: [RegExp, string][] = [
  [/[il|1!]/g, 'l'],
  [/[o0]/g, 'o'],
  [/[s5$]/g, 's'],
  [/rn/g, 'm'],
  [/vv/g, 'w'],
  [/[-_.\s]/g, ''],
];

/** Short names differ by one character all the time: `get` and `set`. */
const MIN_LENGTH_FOR_DISTANCE = 7;

/** @returns true when two different names can be taken for each other */
export function looksAlike(one: string, other: string): boolean {
  if (one === other) {
    return false;
  }
  const [first, second] = [skeleton(one), skeleton(other)];
  if (first === second) {
    return true;
  }
  return (
    Math.min(first.length, second.length) >= MIN_LENGTH_FOR_DISTANCE &&
    !differByPlural(first, second) &&
    isOneEditApart(first, second)
  );
}

/** `list_issue` and `list_issues`, `tool_1` and `tool_2` are what people call different things. */
function differByPlural(one: string, other: string): boolean {
  const strip = (name: string) => name.replace(/(?:s|\d+)$/, '');
  return strip(one) === strip(other);
}

function skeleton(name: string): string {
  return SIMILAR.reduce(
    (reduced, [pattern, letter]) => reduced.replace(pattern, letter),
    foldPhrase(name).toLowerCase(),
  );
}

/** One character changed, added, removed, or two neighbours swapped. */
function isOneEditApart(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1) {
    return false;
  }
  let start = 0;
  while (start < one.length && one[start] === other[start]) {
    start++;
  }
  let end = 0;
  while (
    end < Math.min(one.length, other.length) - start &&
    one.at(-1 - end) === other.at(-1 - end)
  ) {
    end++;
  }
  const [first, second] = [
    one.slice(start, one.length - end),
    other.slice(start, other.length - end),
  ];
  return (
    (first.length <= 1 && second.length <= 1) ||
    (first.length === 2 &&
      second.length === 2 &&
      first[0] === second[1] &&
      first[1] === second[0])
  );
}
