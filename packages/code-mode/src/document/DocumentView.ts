/** A JSON document, such as the description of an API. Must not change after it was used. */
export interface DocumentSource {
  json: string;
}

/** What code sees of a document. */
export interface DocumentView {
  /** Name of the global through which code reads it. */
  name: string;
  /** The same object should be given as long as the document does not change. */
  source: DocumentSource;
  /**
   * JSON pointers (RFC 6901) of what is not there under its own name. A `$ref`
   * that code can see reaches it all the same.
   */
  omit?: readonly string[];
}
