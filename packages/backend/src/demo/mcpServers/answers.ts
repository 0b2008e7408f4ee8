import { isError } from '@backstage/errors';
import type {
  CallToolResult,
  InputRequiredResult,
} from '@modelcontextprotocol/server';

const FOR_THE_MODEL = ['NotFoundError', 'ConflictError'];

/** A structured result, for clients of any age. */
export function answer(value: Record<string, unknown>): CallToolResult {
  return {
    content: [{ type: 'text', text: JSON.stringify(value) }],
    structuredContent: value,
  };
}

/** A result that tells the model what was wrong, and what to do. */
export function problem(message: string): CallToolResult {
  return { content: [{ type: 'text', text: message }], isError: true };
}

/** Turns errors that a model can do something about into answers; others stay errors. */
export async function answered<T extends CallToolResult | InputRequiredResult>(
  run: () => T | Promise<T>,
): Promise<T | CallToolResult> {
  try {
    return await run();
  } catch (error) {
    if (isError(error) && FOR_THE_MODEL.includes(error.name)) {
      return problem(error.message);
    }
    throw error;
  }
}
