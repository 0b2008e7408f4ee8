import type { JsonObject } from '@backstage/types';
import type { Problem } from '../sources';

/** A tool for which there is a configuration. */
export const CLIENTS = [
  'opencode',
  'claude-code',
  'codex',
  'gemini',
  'vscode',
  'cursor',
  'windsurf',
] as const;

/** One of {@link CLIENTS}. */
export type ClientName = (typeof CLIENTS)[number];

/** Text that every conversation begins with. */
export interface Instruction {
  /** Letters, digits, `-` and `_`. */
  name: string;
  /** Markdown. */
  text: string;
}

/** What one folder of sources says. */
export interface AgentConfigLayer {
  /**
   * In the format of OpenCode 1, without instructions, and without what only a
   * server knows: addresses, keys and models of providers. Strings can contain
   * `{baseURL}` (of the AI proxy) and `{rootURL}` (of the portal).
   */
  config: JsonObject;
  instructions: Instruction[];
  /** Models that other tools begin with, such as `openai/gpt-5.2-codex`. */
  clientModels: Partial<Record<ClientName, string>>;
}

/** Everything that a directory of sources says, as JSON. */
export interface AgentConfig {
  formatVersion: 1;
  organisation: AgentConfigLayer;
  /** By entity ref of the group, what its members get on top, in order. */
  teams: Record<string, AgentConfigLayer>;
}

/** What came of compiling sources. */
export type Compilation =
  | { ok: true; config: AgentConfig }
  /** All problems, by file and line. */
  | { ok: false; problems: Problem[] };
