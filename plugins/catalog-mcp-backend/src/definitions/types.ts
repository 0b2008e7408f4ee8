import type { JsonValue } from '@backstage/types';

/**
 * The kinds of API definition whose operations can be read; the values of `spec.type` of an API entity.
 */
export type DefinitionFormat = 'openapi' | 'asyncapi' | 'graphql' | 'grpc';

/**
 * One line about an operation: enough to choose it, not enough to call it.
 */
export interface OperationSummary {
  /**
   * Stable and unique within the definition; what `describeOperation` takes. The `operationId` where the document has one, else for
   * example "GET /refunds/{id}", "Query.order", "refunds.v1.Refunds/Create" or "publish orders.created".
   */
  id: string;
  /**
   * How the operation is called: "GET /refunds/{id}", "publish orders.created", "query order(id: ID!): Order",
   * "rpc Create(CreateRequest) returns (stream Refund)".
   */
  signature: string;
  /** The document's own summary, or else the first line of its description. */
  summary?: string;
  tags?: string[];
  deprecated?: boolean;
}

/**
 * Everything a caller of one operation needs, with its schemas resolved and its size bounded.
 */
export interface OperationDetail {
  id: string;
  signature: string;
  summary?: string;
  description?: string;
  deprecated?: boolean;
  /** In the words of the format: parameters and responses for OpenAPI, messages for AsyncAPI, arguments and SDL for GraphQL. */
  detail: JsonValue;
  /** Set when something was left out to bound the answer: says what, and how to ask for it. */
  truncated?: string;
}

/**
 * An API definition that was read: what it is, and its operations.
 */
export interface ApiDefinition {
  format: DefinitionFormat;
  title?: string;
  /** The version of the API, not of the specification format. */
  version?: string;
  description?: string;
  /** Addresses the document names, in the document's order; templates such as `{region}` are left as they are. */
  servers?: string[];
  operations: OperationSummary[];
  /**
   * Describes one operation, or one schema of the definition.
   *
   * @param id - The `id` of an operation. Forgiving: upper and lower case, "get /refunds/{anything}", "GET /refunds/42" and an
   *   unqualified name that only one operation has are accepted too. For OpenAPI and AsyncAPI also a JSON pointer such as
   *   "#/components/schemas/Refund"; for GraphQL and gRPC also the full name of a type.
   * @throws NotFoundError when nothing has that id; names the three closest operations.
   * @throws InputError when several operations fit; names them.
   */
  describeOperation(id: string): OperationDetail;
}
