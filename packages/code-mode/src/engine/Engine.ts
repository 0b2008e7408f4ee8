/** What a sandbox says to its host. Strings and numbers only, nothing comes back. */
export type Post = (kind: string, id: number, a: string, b: string) => void;

/** What a sandbox reads of a document: JSON of a `DocumentNode`, at once. */
export type Read = (pointer: string) => string;

/** A JavaScript engine that runs in the sandbox process. */
export interface Engine {
  /** Name and version, such as `quickjs-ng 0.17.0`. */
  readonly version: string;

  /** Opens a sandbox that shares nothing with any other. */
  open(options: SandboxOptions): Promise<Sandbox>;
}

export interface SandboxOptions {
  /** Most memory of the whole engine, in bytes. */
  memoryBytes: number;
  /** The time that the sandbox sees, in milliseconds since 1970. */
  now(): number;
  /** Asked often while code runs; `true` stops the code for good. */
  isInterrupted(): boolean;
  post: Post;
  read: Read;
}

/** One snippet's world, in which the bootstrap script has run already. */
export interface Sandbox {
  /**
   * Evaluates an expression whose value is a function, and hands the function
   * to the bootstrap script, which calls it.
   *
   * @throws an Error with the engine's name and message if it does not compile.
   */
  run(expression: string): void;

  /** Gives the bootstrap script a message and runs what follows from it. */
  receive(kind: string, id: number, text: string): void;

  /** Memory that the engine took, in bytes. It never shrinks. */
  usedMemoryBytes(): number;

  close(): void;
}
