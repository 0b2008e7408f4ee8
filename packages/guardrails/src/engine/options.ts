import type { Action, Category, Direction, Severity } from '../findings';

/** Says what to do about some findings. Of several rules that match one, the last counts. */
export interface ActionRule {
  /** Id of a detector; absent: any. A trailing `*` stands for any ending. */
  detector?: string;
  category?: Category;
  /** At least this severe. */
  severity?: Severity;
  direction?: Direction;
  action: Action;
}

/** A pattern of an administrator. */
export interface PatternOption {
  /** Letters, digits and dashes; findings carry `pattern.<id>`. */
  id: string;
  /** In RE2 syntax: no look-around, no back-references. */
  pattern: string;
  /** Literals of which one is in every match, whatever the case. The pattern then costs nothing for other texts. */
  keywords?: string[];
  ignoreCase?: boolean;
  severity?: Severity;
  /** What it finds; shown with findings. */
  description?: string;
}

/** A subject, told by words. */
export interface TopicOption {
  /** Letters, digits and dashes; findings carry `topic.<id>`. */
  id: string;
  /**
   * `deny`: a finding for each word. `allow`: a finding (`topic.other`) when a
   * prompt or argument speaks of no allowed topic at all.
   */
  rule: 'deny' | 'allow';
  /** Words and phrases, whatever their case and accents, as whole words. */
  words?: string[];
  /** In RE2 syntax. */
  patterns?: string[];
  severity?: Severity;
}

/** Options of {@link createGuardrails}. */
export interface GuardrailsOptions {
  /**
   * Ids of the detectors that run, with a trailing `*` for any ending; absent:
   * all. Own patterns and topics run in any case.
   */
  detectors?: string[];
  /** Added to the default rules ({@link DEFAULT_ACTIONS}), over which they win. */
  actions?: ActionRule[];
  /** Own patterns, at most 200. */
  patterns?: PatternOption[];
  /** Topics, at most 50. */
  topics?: TopicOption[];
  /** What is known to be harmless: the exact text of a find, or `sha256:` and the hexadecimal hash of it. */
  allow?: string[];
  limits?: {
    /** How deep JSON may be nested. Default: 64. */
    depth?: number;
    /** How many values and keys JSON may have. Default: 200,000. */
    nodes?: number;
    /** How many UTF-16 units all strings together may have. Default: 16 million. */
    length?: number;
    /** How many findings are listed. What is beyond is acted upon as well. Default: 1,000. */
    findings?: number;
  };
}

/** What an inspection needs to know. */
export interface InspectionContext {
  direction: Direction;
  /**
   * Of a request that was looked at already, such as the answer to a question
   * about it: it need not speak of an allowed topic itself. Default: false.
   */
  isPart?: boolean;
}

/**
 * What is done without rules of an administrator.
 *
 * Arguments are not changed behind the model's back: a secret in them is
 * refused. In results the find is taken out. Definitions are shown to
 * whoever approves them, so what is dangerous there refuses the whole.
 */
export const DEFAULT_ACTIONS: readonly ActionRule[] = [
  { action: 'flag' },
  { category: 'secret', action: 'redact' },
  { category: 'secret', direction: 'argument', action: 'block' },
  { category: 'secret', direction: 'definition', action: 'block' },
  {
    category: 'prompt-injection',
    severity: 'high',
    direction: 'result',
    action: 'redact',
  },
  {
    category: 'prompt-injection',
    severity: 'high',
    direction: 'error',
    action: 'redact',
  },
  {
    category: 'prompt-injection',
    severity: 'high',
    direction: 'definition',
    action: 'block',
  },
  {
    category: 'exfiltration',
    severity: 'high',
    direction: 'result',
    action: 'redact',
  },
  {
    category: 'exfiltration',
    severity: 'high',
    direction: 'error',
    action: 'redact',
  },
  {
    category: 'exfiltration',
    severity: 'high',
    direction: 'definition',
    action: 'block',
  },
  {
    category: 'exfiltration',
    severity: 'high',
    direction: 'argument',
    action: 'block',
  },
  { category: 'topic', action: 'block' },
  { category: 'limit', action: 'block' },
  { detector: 'limit.findings', action: 'flag' },
];
