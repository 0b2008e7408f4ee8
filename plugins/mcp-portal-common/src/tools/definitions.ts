/** What a server offers that is pinned, one by one. Resources are not: they are content. @public */
export type DefinitionKind = 'tool' | 'prompt' | 'resource-template';

/**
 * What a tool can do, set by the approver:
 *
 * - `read`: changes nothing
 * - `write`: creates or changes something
 * - `destructive`: may delete or overwrite what cannot be brought back
 *
 * @public
 */
export type ToolClass = 'read' | 'write' | 'destructive';

/**
 * - `approved`: served, as long as the server sends exactly the pinned object
 * - `quarantined`: new or changed, absent from every view until someone approves it
 * - `rejected`: looked at and refused, in exactly this form
 * - `missing`: approved before, but the server does not offer it now
 *
 * @public
 */
export type DefinitionStatus =
  | 'approved'
  | 'quarantined'
  | 'rejected'
  | 'missing';

/** Something in a definition that an approver should look at. @public */
export interface DefinitionFinding {
  /** Detector, such as `hidden-text`. */
  id: string;
  severity: 'low' | 'medium' | 'high' | 'critical';
  /** JSON pointer into the definition. */
  path: string;
  /** A sentence for people. */
  message: string;
}

/** One tool, prompt or resource template of a server, as an approver sees it. @public */
export interface ServerDefinition {
  kind: DefinitionKind;
  /** Name of the tool or prompt, or the URI template. */
  key: string;
  status: DefinitionStatus;
  /** `sha256:` and hex, over the canonical JSON (RFC 8785) of the whole object that the server sends now. */
  pin: string;
  /** The object as the server sends it now; as approved when it is missing. */
  definition: Record<string, unknown>;
  /** What was approved before, if that differs. */
  approved?: {
    pin: string;
    definition: Record<string, unknown>;
    /** UUID, or `config`. */
    by: string;
    /** ISO 8601. */
    at: string;
  };
  /** Class of a tool: what was approved, else what is suggested. */
  toolClass?: ToolClass;
  findings: DefinitionFinding[];
  /** ISO 8601; when this form was first seen. */
  seenAt: string;
}
