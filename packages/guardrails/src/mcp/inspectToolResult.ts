import { isDeepStrictEqual } from 'node:util';
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
 * Servers repeat `structuredContent` as a text, as the specification asks.
 * What is taken out of one is taken out of the other.
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
  const copies = takeCopies(input as ToolResult);
  const inspection = guardrails.inspectJson(input, context);
  if (inspection.value === input) {
    return { ...inspection, value: result };
  }
  const redacted = replaceEverywhere(
    inspection.value,
    redactedTexts(input, inspection.findings),
  ) as ToolResult;
  for (const { block, indent } of copies) {
    (redacted.content as TextBlock[])[block].text = JSON.stringify(
      redacted.structuredContent,
      null,
      indent,
    );
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

/** Empties the texts that repeat `structuredContent`, so that they are made anew from it. */
function takeCopies({ content, structuredContent }: ToolResult): Copy[] {
  if (!Array.isArray(content) || typeof structuredContent !== 'object') {
    return [];
  }
  const copies: Copy[] = [];
  content.forEach((block: unknown, index) => {
    if (!isTextBlock(block)) {
      return;
    }
    const indent = /^[[{]\r?\n( {1,8})\S/.exec(block.text)?.[1].length ?? 0;
    if (repeats(block.text, structuredContent, indent)) {
      copies.push({ block: index, indent });
      // The block is a copy that readEncoded made.
      block.text = '';
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
  if (!/^\s*[[{]/.test(text)) {
    return false;
  }
  try {
    return (
      // As most servers write it: to see that takes a third of the time of reading it.
      JSON.stringify(structured, null, indent) === text ||
      isDeepStrictEqual(JSON.parse(text), structured)
    );
  } catch {
    return false;
  }
}
