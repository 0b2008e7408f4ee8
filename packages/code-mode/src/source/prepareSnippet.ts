import { parse } from 'acorn';
import type {
  Node,
  ParenthesizedExpression,
  Program,
  Statement,
  ModuleDeclaration,
} from 'acorn';
import { stripCodeFence } from './codeFences';
import { SnippetSyntaxError } from './SnippetSyntaxError';
import { stripTypes } from './stripTypes';

const OPENING = '(async () => {';
const CLOSING = '\n})';

/** Code for the engine, and the way back from its positions to those of the text. */
export interface PreparedSnippet {
  /** An expression whose value is an async function without parameters. */
  expression: string;
  /** Position in the text as it was given, from a position in `expression`, both from 1. */
  originalPosition(
    line: number,
    column: number,
  ): { line: number; column: number };
}

interface Edit {
  /** Offset in the code. */
  at: number;
  /** Characters that are replaced. */
  length: number;
  text: string;
}

type TopLevel = Statement | ModuleDeclaration;

/**
 * Makes an async function of what models write: a function, statements with
 * `return` or whose last expression is the result, a code fence around it,
 * `export default` before it, TypeScript annotations in it.
 *
 * @throws SnippetSyntaxError with line and column in the text.
 */
export function prepareSnippet(text: string): PreparedSnippet {
  const fenceless = stripCodeFence(text);
  const { code, program } = parseSnippet(fenceless);
  const edits = editsFor(program.body);
  const sorted = [...edits].sort((a, b) => a.at - b.at);

  let body = '';
  let from = 0;
  for (const { at, length, text: insertion } of sorted) {
    body += code.slice(from, at) + insertion;
    from = at + length;
  }
  body += code.slice(from);

  return {
    expression: OPENING + body + CLOSING,
    originalPosition: (line, column) =>
      originalPosition(code, sorted, line, column),
  };
}

function parseSnippet(code: string): { code: string; program: Program } {
  try {
    return { code, program: parseJavaScript(code) };
  } catch (error) {
    const stripped = stripTypes(code);
    if (stripped === undefined) {
      throw asSyntaxError(error);
    }
    try {
      return { code: stripped, program: parseJavaScript(stripped) };
    } catch {
      throw asSyntaxError(error);
    }
  }
}

function parseJavaScript(code: string): Program {
  return parse(code, {
    ecmaVersion: 'latest',
    // Module code may have `export default`; script code may be sloppy, which models are.
    sourceType: /\bexport\b/.test(code) ? 'module' : 'script',
    allowReturnOutsideFunction: true,
    allowAwaitOutsideFunction: true,
    // Otherwise an expression begins within its parentheses.
    preserveParens: true,
  });
}

function asSyntaxError(error: unknown): SnippetSyntaxError {
  if (error instanceof RangeError) {
    return new SnippetSyntaxError('The code is nested too deep');
  }
  const { message, loc } = error as {
    message: string;
    loc?: { line: number; column: number };
  };
  return new SnippetSyntaxError(
    message.replace(/ \(\d+:\d+\)$/, ''),
    loc?.line,
    loc && loc.column + 1,
  );
}

function editsFor(body: TopLevel[]): Edit[] {
  const edits: Edit[] = [];
  for (const statement of body) {
    if (statement.type === 'ImportDeclaration') {
      throw new SnippetSyntaxError(
        'import is not available; call tools with codemode.<tool>(args)',
      );
    }
    if (
      statement.type === 'ExportNamedDeclaration' ||
      statement.type === 'ExportAllDeclaration'
    ) {
      if (statement.type === 'ExportAllDeclaration' || !statement.declaration) {
        throw new SnippetSyntaxError('Only export default is understood');
      }
      edits.push(remove(statement.start, statement.declaration.start));
    }
  }
  const last = body.at(-1);
  if (!last) {
    return edits;
  }
  if (last.type === 'ExportDefaultDeclaration') {
    const value = last.declaration as Node;
    edits.push(
      remove(last.start, value.start),
      ...returnOf(value, isFunction(unwrap(value).type)),
    );
  } else if (last.type === 'ExpressionStatement' && !last.directive) {
    edits.push(
      ...returnOf(last.expression, isFunction(unwrap(last.expression).type)),
    );
  } else if (last.type === 'FunctionDeclaration' && body.length === 1) {
    edits.push(...returnOf(last, true));
  }
  return edits;
}

function remove(start: number, end: number): Edit {
  return { at: start, length: end - start, text: '' };
}

function returnOf(node: Node, isCalled: boolean): Edit[] {
  return [
    { at: node.start, length: 0, text: 'return (' },
    { at: node.end, length: 0, text: isCalled ? ')()' : ')' },
  ];
}

function unwrap(node: Node): Node {
  return node.type === 'ParenthesizedExpression'
    ? unwrap((node as ParenthesizedExpression).expression)
    : node;
}

function isFunction(type: string): boolean {
  return (
    type === 'ArrowFunctionExpression' ||
    type === 'FunctionExpression' ||
    type === 'FunctionDeclaration'
  );
}

function originalPosition(
  code: string,
  edits: Edit[],
  line: number,
  column: number,
) {
  const lineStart = offsetOfLine(code, line);
  // Column in the line as the engine saw it, walked back over what was put in before it.
  let original = column - (line === 1 ? OPENING.length : 0);
  let shift = 0;
  for (const { at, length, text } of edits) {
    const inLine = at >= lineStart && !code.slice(lineStart, at).includes('\n');
    if (inLine && at - lineStart + shift < original) {
      shift += text.length - length;
    }
  }
  original -= shift;
  return { line, column: Math.max(1, original) };
}

function offsetOfLine(code: string, line: number): number {
  let offset = 0;
  for (let current = 1; current < line; current += 1) {
    const end = code.indexOf('\n', offset);
    if (end < 0) {
      return code.length;
    }
    offset = end + 1;
  }
  return offset;
}
