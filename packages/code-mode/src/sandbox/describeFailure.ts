import type { ErrorReport } from '../protocol/messages';
import type { PreparedSnippet } from '../source/prepareSnippet';

// As the engine writes positions in stacks: `at <anonymous> (snippet.js:3:7)`.
const POSITION = /snippet\.js:(\d{1,7}):(\d{1,7})/;
const MAX_MESSAGE = 4000;

/** An error as the engine reports it. */
interface EngineError {
  name?: string;
  message?: string;
  stack?: string;
  limit?: string;
}

/**
 * Puts an error of the snippet in terms of the text that the model wrote.
 *
 * @param memoryBytes - the limit to name when memory was short.
 */
export function describeFailure(
  { name = 'Error', message = '', stack = '', limit }: EngineError,
  prepared: PreparedSnippet | undefined,
  memoryBytes: number,
): ErrorReport {
  if (isOutOfMemory(name, message)) {
    return {
      name: 'LimitError',
      message: `The code used more than ${Math.round(
        memoryBytes / 1e6,
      )} MB of memory`,
      limit: 'memory',
    };
  }
  const report: ErrorReport = {
    name: name.slice(0, 100),
    message: message.slice(0, MAX_MESSAGE),
  };
  if (limit) {
    report.limit = limit;
  }
  const [, line, column] = POSITION.exec(stack.slice(0, 8000)) ?? [];
  if (line && prepared) {
    return {
      ...report,
      ...prepared.originalPosition(Number(line), Number(column)),
    };
  }
  return report;
}

/** The engine says so; or the sandbox process could not copy a text into its memory. */
function isOutOfMemory(name: string, message: string): boolean {
  return (
    (name === 'InternalError' && message === 'out of memory') ||
    message === 'wasm_malloc failed'
  );
}
