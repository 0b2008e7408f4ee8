import type { CallToolResult } from '@modelcontextprotocol/server';
import type { CallSummary, Execution } from '@prompt-corner/code-mode';
import type { WaitingCall } from './Suspension';

/** In a result: id of the execution, as pages and the audit trail know it. */
export const EXECUTION_META_KEY = 'prompt-corner.dev/execution';

/** How the model says that a paused execution shall go on. */
export function resumption(id: string): string {
  return `codemode.resume("${id}")`;
}

const MAX_RESUMPTION_LENGTH = 200;

/** Models put it in a function or a code fence, as they do with other code. */
const RESUMPTION =
  /^\s*(?:```\w*\s)?\s*(?:async\s*\(\)\s*=>\s*\{?)?\s*(?:return\s+)?(?:await\s+)?codemode\.resume\(\s*["'`]([0-9a-f-]{36})["'`]\s*\)\s*;?\s*\}?\s*;?\s*(?:```)?\s*$/;

/** @returns the id of the execution, when code says nothing but that it shall go on */
export function resumedIn(code: string): string | undefined {
  // A long text of blanks would keep the expression busy for minutes.
  return code.length <= MAX_RESUMPTION_LENGTH
    ? RESUMPTION.exec(code)?.[1]
    : undefined;
}

/** What the model is told of an execution that is over. */
export function endedText(execution: Execution): CallToolResult {
  const { outcome, error, text, logs, calls } = execution;
  const said = logs.map(({ level, text: line }) =>
    level === 'log' ? line : `[${level}] ${line}`,
  );
  const blocks =
    outcome === 'ok'
      ? [text ?? 'null', ...notAwaited(calls)]
      : [describe(error), ...done(calls)];
  return {
    content: [
      ...blocks,
      ...(said.length ? [`Logs:\n${said.join('\n')}`] : []),
    ].map(block => ({ type: 'text', text: block })),
    ...(outcome !== 'ok' && { isError: true }),
  };
}

/**
 * What the model is told of an execution that waits for a person.
 *
 * @param calls - that were made
 */
export function pausedText(
  id: string,
  waiting: WaitingCall[],
  calls: CallSummary[],
): CallToolResult {
  const text = [
    'The execution is paused, as a person has to approve:',
    ...waiting.map(({ tool, url }) => `- ${tool}, at ${url}`),
    `Tell the user. When it is approved, call this tool with the code: ${resumption(
      id,
    )}`,
    'It goes on where it stopped; nothing is done twice. Do not send other code for the same task.',
    ...(calls.length ? [`Calls so far:\n${listed(calls)}`] : []),
  ].join('\n');
  return { content: [{ type: 'text', text }], isError: true };
}

/**
 * A result that only says what went wrong.
 *
 * @param calls - that were made before
 */
export function failedText(
  text: string,
  calls: CallSummary[] = [],
): CallToolResult {
  return {
    content: [text, ...done(calls)].map(block => ({
      type: 'text',
      text: block,
    })),
    isError: true,
  };
}

/** A model that forgets "await" takes them for done. */
function notAwaited(calls: CallSummary[]): string[] {
  const open = calls.filter(({ outcome }) => outcome === 'abandoned');
  return open.length
    ? [`The code ended before these calls; await them:\n${listed(open)}`]
    : [];
}

/** Without it, a model would do all of it again. */
function done(calls: CallSummary[]): string[] {
  return calls.length
    ? [`Calls so far; do not repeat what they did:\n${listed(calls)}`]
    : [];
}

function describe(error: Execution['error']): string {
  if (!error) {
    return 'The execution failed';
  }
  const { name, message, line, column } = error;
  const place = line ? ` (line ${line}, column ${column ?? 1})` : '';
  return `${name}: ${message}${place}`;
}

function listed(calls: CallSummary[]): string {
  return calls
    .map(
      ({ number, tool, outcome }) =>
        `${number}. ${tool}: ${
          outcome === 'abandoned'
            ? 'no answer yet, it may have had its effect'
            : outcome
        }`,
    )
    .join('\n');
}
