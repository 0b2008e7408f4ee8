/** What a finding is about. `limit`: a bound of the inspection was reached, so the rest was not looked at. */
export const CATEGORIES = [
  'secret',
  'personal-data',
  'prompt-injection',
  'exfiltration',
  'pattern',
  'topic',
  'limit',
] as const;

/** What a finding is about. */
export type Category = (typeof CATEGORIES)[number];

/** How bad a true finding would be, from the least to the worst. */
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;

/** How bad a true finding would be. */
export type Severity = (typeof SEVERITIES)[number];

/** What is inspected: what goes to a tool or model, what comes back, what describes a tool, or an error's text. */
export const DIRECTIONS = [
  'argument',
  'result',
  'definition',
  'error',
] as const;

/** What is inspected. */
export type Direction = (typeof DIRECTIONS)[number];

/** What to do about a finding, from nothing to refusing the whole. `off` also saves the search. */
export const ACTIONS = ['off', 'flag', 'redact', 'block'] as const;

/** What to do about a finding. */
export type Action = (typeof ACTIONS)[number];

/** What to do with what was inspected: the strongest action of its findings. */
export type Verdict = 'pass' | Exclude<Action, 'off'>;

/**
 * Something that was found. It never holds the text that was found, so it can
 * be logged.
 */
export interface Finding {
  /** Id of the detector, such as `secret.github-token`. */
  detector: string;
  category: Category;
  severity: Severity;
  action: Exclude<Action, 'off'>;
  /** JSON pointer (RFC 6901) to the string; empty for plain text and the root. */
  pointer: string;
  /** True when the span is in the name of the property, not in its value. */
  inKey?: true;
  /** First UTF-16 unit of the original string. */
  start: number;
  /** UTF-16 unit after the last one. */
  end: number;
  /** Says what kind of thing it is without repeating it, such as `ghp_…(40)`: at most a public prefix, and the length. */
  preview: string;
  /** A sentence for whoever decides, when there is more to say than the detector's description. */
  message?: string;
  /** Other detectors that found (a part of) the same. */
  also?: string[];
}

/** The answer of an inspection. */
export interface Inspection<T> {
  /** The strongest action of all findings; `pass` without findings. */
  action: Verdict;
  findings: Finding[];
  /**
   * The input with everything replaced whose action is `redact` or `block`. The
   * same reference when there was nothing to replace; the input never changes.
   */
  value: T;
}

/** @returns true when the first is at least as bad as the second */
export function isAtLeast(severity: Severity, floor: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(floor);
}

const STRENGTH: Record<Verdict, number> = {
  pass: 0,
  flag: 1,
  redact: 2,
  block: 3,
};

/** @returns the stronger of two verdicts */
export function stronger<V extends Verdict>(one: V, other: V): V {
  return STRENGTH[one] >= STRENGTH[other] ? one : other;
}
