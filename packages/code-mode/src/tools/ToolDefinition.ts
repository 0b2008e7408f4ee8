/** A tool that a snippet can call as `codemode.<name>(args)`. */
export interface ToolDefinition {
  /**
   * Unique among the tools of an execution. A JavaScript identifier; one with
   * another name, such as `GET /users`, can be found and read, and not be called.
   */
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
