import {
  CallToolResult,
  isInputRequiredResult,
} from '@modelcontextprotocol/client';
import {
  DocumentView,
  ToolDefinition,
  unwrapToolResult,
} from '@prompt-corner/code-mode';
import type { CallAnswer, PortalCall } from '../calls';

/** What code sees, and what becomes of its calls. */
export interface CodeScope {
  /** Under which executions are kept: only there they can be resumed. */
  place: string;
  /** Whose answers code gets, for guardrails; empty when they are of several. */
  server: string;
  /** Name of the tool that runs code. */
  execute: string;
  /** The same array as long as it is the same. */
  definitions: readonly ToolDefinition[];
  /** Of the global with the tools, if it is not `codemode`. */
  namespace?: string;
  document?: DocumentView;
  /** Which tool a name in code is, whatever its name; the same as long as it is the same tool. */
  originOf(tool: string): string | undefined;
  /**
   * What a call of code is in the portal.
   *
   * @throws CallRefusal when it is nothing
   */
  targetOf(
    tool: string,
    args: Record<string, unknown>,
  ): Pick<PortalCall, 'target' | 'arguments'>;
  /**
   * What code gets of an answer.
   *
   * @throws Error what code gets to catch
   */
  valueOf(answer: CallAnswer): unknown;
}

/** What code gets of the answer of a tool. */
export function toolValue({ result }: CallAnswer): unknown {
  if (isInputRequiredResult(result)) {
    throw new Error(
      'The server asks the user something, which it can only without Code Mode',
    );
  }
  return unwrapToolResult(result as CallToolResult);
}
