/** Where a release runs. */
export type Stage = 'built' | 'staging' | 'production' | 'retired';

/** A version of a service. */
export interface Release {
  /** Name of a component of the catalog. */
  service: string;
  /** Such as `4.12.0`. */
  version: string;
  stage: Stage;
  /** ISO 8601. */
  builtAt: string;
  changes: string[];
}

/** What a promotion would do. */
export interface Plan {
  service: string;
  /** Version in production now. */
  from: string;
  /** Version that would replace it. */
  to: string;
  changes: string[];
  /** In their order. */
  steps: string[];
}
