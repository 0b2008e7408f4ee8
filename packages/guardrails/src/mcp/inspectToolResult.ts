import type { Guardrails } from '../engine/createGuardrails';
import type { InspectionContext } from '../engine/options';
import type { Inspection } from '../findings';
import { EncodedContent, readEncoded, restoreEncoded } from './encodedContent';
import { redactedTexts, replaceEverywhere } from './propagate';

/** The parts of a result that say the same. */
interface ToolResult {
  content?: unknown;
  structuredContent?: unknown;
}

/**
 * Looks at the result of `tools/call`, `resources/read` or `prompts/get`
 * (MCP 2025-11-25, server features): text, images, audio, links, embedded
 * resources, `structuredContent` and `_meta`. Base64 that is text is read, and
 * encoded again when something was taken out; spans are then in the text.
 *
 * Servers repeat `structuredContent` as a text, as the specification asks. Both
 * are looked at; what is taken out of one is taken out of the other, and an exact
 * copy stays one.
 *
 * @returns the inspection; `value` is the same reference when nothing was taken out
 */
export function inspectToolResult<T extends object>(
  guardrails: Guardrails,
  result: T,
  context: InspectionContext = { direction: 'result' },
): Inspection<T> {
  const encoded: EncodedContent[] = [];
  const input = readEncoded(result, [], encoded);
  const inspection = guardrails.inspectJson(input, context);
  if (inspection.value === input) {
    return { ...inspection, value: result };
  }
  const redacted = replaceEverywhere(
    inspection.value,
    redactedTexts(input, inspection.findings),
  ) as ToolResult;
  for (const { block, indent } of copiesIn(input as ToolResult)) {
    const text = JSON.stringify(redacted.structuredContent, null, indent);
    // Some is found only where names and values stand next to each other.
    const { value } = guardrails.inspectText(text, context);
    (redacted.content as TextBlock[])[block].text = value;
  }
  restoreEncoded(redacted, encoded);
  return { ...inspection, value: redacted as T };
}

interface TextBlock {
  type: 'text';
  text: string;
}

/** A text block that repeats `structuredContent`. */
interface Copy {
  block: number;
  indent: number;
}

/**
 * The texts that repeat `structuredContent` byte for byte. One that only reads
 * as the same may say more, such as in a name that it has twice.
 */
function copiesIn({ content, structuredContent }: ToolResult): Copy[] {
  if (!Array.isArray(content) || typeof structuredContent !== 'object') {
    return [];
  }
  const copies: Copy[] = [];
  content.forEach((block: unknown, index) => {
    if (!isTextBlock(block)) {
      return;
    }
    const indent = /^[[{]\n( {1,8})\S/.exec(block.text)?.[1].length ?? 0;
    if (repeats(block.text, structuredContent, indent)) {
      copies.push({ block: index, indent });
    }
  });
  return copies;
}

function isTextBlock(block: unknown): block is TextBlock {
  return (
    typeof block === 'object' &&
    block !== null &&
    'text' in block &&
    typeof block.text === 'string'
  );
}

function repeats(text: string, structured: unknown, indent: number): boolean {
  try {
    return JSON.stringify(structured, null, indent) === text;
  } catch {
    // Nested too deep for it.
    return false;
  }
}
