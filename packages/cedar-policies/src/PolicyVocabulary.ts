/**
 * What policies can be written about. The schema has to have `User`, `Service`,
 * `Team` and `Device`, and in the context `client`, `scopes`, `claims`, `network`,
 * `device` and `time`, as `callers/` makes them; the rest is the language's own.
 */
export interface PolicyVocabulary {
  /** The text of the Cedar schema. */
  schema(): string;
  /** Types of what is asked about, such as `Tool`. */
  readonly targetTypes: readonly string[];
  /** Attributes of these that have their name in them, which policies compare and match with patterns. */
  readonly targetNames: readonly string[];
  /** Attributes of the context that have attributes themselves, beside those of callers. */
  readonly records: readonly string[];
  /** Attributes of the context that nobody knows when something is listed. */
  readonly unknown: readonly string[];
  /** Whether `@approval` on a permit holds what it permits until somebody has approved it. */
  readonly approvals: boolean;
}
