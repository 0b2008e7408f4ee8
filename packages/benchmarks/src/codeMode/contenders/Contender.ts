import type { TreesUse } from '../../children/ProcessTrees';

/** Who runs snippets. */
export const CONTENDERS = {
  'prompt-corner':
    'this project’s packages/code-mode, called in the process that measures; from its sources, as in this repository',
  workerd:
    '@cloudflare/codemode’s DynamicWorkerExecutor on workerd, asked over HTTP on the loopback interface with connections that stay open; its tools are functions beside the executor, so that a call takes no HTTP',
} as const;

export type ContenderName = keyof typeof CONTENDERS;

/** Something that runs snippets, and is ready to. */
export interface Contender {
  name: ContenderName;
  /** Version and where it runs. */
  version: string;
  /**
   * @param user - whose code it is
   * @returns what the code returned
   * @throws Error if it did not end well
   */
  run(code: string, user: string): Promise<unknown>;
  use(): TreesUse;
  stop(): Promise<void>;
}
