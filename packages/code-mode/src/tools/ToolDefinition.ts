/** A tool that a snippet can call as `codemode.<name>(args)`. */
export interface ToolDefinition {
  /** A JavaScript identifier, unique among the tools of an execution. */
  name: string;
  /** Where it is from; for `codemode.search(query, { server })`. */
  server: string;
  description?: string;
  /** JSON Schema of its arguments. */
  inputSchema?: object;
  /** JSON Schema of its structured result. */
  outputSchema?: object;
  annotations?: object;
}
