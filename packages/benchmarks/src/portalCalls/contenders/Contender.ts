import type { ProcessUse } from '../../children/runProcess';
import type { ConnectionOptions } from '../client/McpConnection';

/** The ways in which a tool is called. */
export const CONTENDERS = {
  direct:
    'the server itself, as a client connects to it without anything between',
  'mcp-proxy':
    'the npm package mcp-proxy 6.7.19 in front of that one server: it forwards, and checks and records nothing',
  portal: 'this project’s portal, with that server and 12 others behind it',
} as const;

/** A way in which a tool is called. */
export type ContenderName = keyof typeof CONTENDERS;

/** A way to call a tool that is running. */
export interface Contender {
  name: ContenderName;
  /** What a tool of the called server is called there. */
  toolName(tool: string): string;
  /** How each of some clients connects. */
  clients: Array<Pick<ConnectionOptions, 'url' | 'token'>>;
  /** What the process between client and server has used; absent where there is none. */
  use?(): Promise<ProcessUse>;
}
