/** The snippet is not JavaScript, or uses something that a snippet cannot have. */
export class SnippetSyntaxError extends Error {
  name = 'SyntaxError';
  readonly line?: number;
  readonly column?: number;

  /**
   * @param line - in the text as it was given, from 1.
   * @param column - from 1.
   */
  constructor(message: string, line?: number, column?: number) {
    super(message);
    this.line = line;
    this.column = column;
  }
}
