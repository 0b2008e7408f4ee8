/** A text file of the sources. */
export interface SourceFile {
  /** Relative to the top, with `/`, such as `agents/reviewer.md`. */
  path: string;
  content: string;
}

/** Something in the sources that has to be changed before they can be used. */
export interface Problem {
  /** Path of the file, relative to the top; empty when it is about all of them. */
  file: string;
  /** From 1. */
  line: number;
  /** What is wrong, and what to do. */
  message: string;
}

/** What was read, and what could not be. */
export interface Sources {
  files: SourceFile[];
  problems: Problem[];
}

/** The most that sources may have. */
export const SOURCE_LIMITS = {
  files: 2_000,
  fileBytes: 256 * 1024,
  totalBytes: 4 * 1024 * 1024,
  /** Folders in folders. */
  depth: 8,
} as const;

/**
 * A problem as one line: `agents/reviewer.md:3: …`.
 */
export function formatProblem({ file, line, message }: Problem): string {
  return file ? `${file}:${line}: ${message}` : message;
}
