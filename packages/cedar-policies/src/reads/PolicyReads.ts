import type { NamePattern } from './namePattern';

/**
 * What a policy, or a set of them, can read. Whatever is not named here makes no
 * difference to a decision, so it need not be given to Cedar, which takes most of
 * its time to read what it is given.
 */
export interface PolicyReads {
  /** Names of attributes of anything; undefined when all have to be given. */
  attributes: Set<string> | undefined;
  /** Entities named, as `Type::id`; undefined when others can count too. */
  parents: Set<string> | undefined;
  /** Those of them that can be asked about. */
  targets: Set<string>;
  /** Patterns that the name of what is asked about fits or not. */
  namePatterns: NamePattern[];
  /** Whether such names count in another way than by `targets` and `namePatterns`. */
  targetNames: boolean;
  /** Whether what is unknown in lists counts at all. */
  unknown: boolean;
  /** Names of tags that count; undefined when any can. */
  tags: Set<string> | undefined;
  /** Whether the time counts. */
  time: boolean;
  /** With what the time is compared, in milliseconds since 1970; undefined when it counts in another way. */
  moments: ReadonlySet<number> | undefined;
  /**
   * With what numbers in records of the language are compared, by their path in the
   * context, such as `request.inputTokens`. Those that count in another way are not in it.
   */
  numbers: ReadonlyMap<string, ReadonlySet<number>>;
  /** Whether the age of a sign-in counts, which is another in each second. */
  age: boolean;
}
