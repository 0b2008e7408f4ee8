import type { Problem, SourceFile } from '../sources';
import { ParsedYaml, parseYaml } from './parseYaml';

const FENCE = /^---[ \t]*$/;

/** A markdown file, and what stands in front of it. */
export interface ParsedMarkdown {
  /** Empty when there is none. */
  frontMatter: ParsedYaml;
  /** Without empty lines around it. */
  body: string;
  /** The line at which the body begins, in the file. */
  bodyLine: number;
}

/**
 * Splits a markdown file into the YAML between its first lines `---` and the text after it.
 *
 * @param problems - gets what is wrong
 * @returns undefined when something is
 */
export function parseMarkdown(
  { path: file, content }: SourceFile,
  problems: Problem[],
): ParsedMarkdown | undefined {
  const lines = withoutCarriage(content).split('\n');
  if (!FENCE.test(lines[0])) {
    return {
      frontMatter: { value: {}, lineOf: () => 1 },
      ...bodyOf(lines, 0),
    };
  }
  const end = lines.findIndex((line, index) => index > 0 && FENCE.test(line));
  if (end < 0) {
    problems.push({
      file,
      line: 1,
      message: 'the front matter does not end; add a line "---" after it',
    });
    return undefined;
  }
  const frontMatter = parseYaml(lines.slice(1, end).join('\n'), {
    file,
    firstLine: 2,
    problems,
  });
  return frontMatter && { frontMatter, ...bodyOf(lines, end + 1) };
}

/** Text with `\n` only, and without a byte order mark. */
export function withoutCarriage(text: string): string {
  return text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
}

function bodyOf(lines: string[], from: number) {
  const first = lines.findIndex(
    (line, index) => index >= from && line.trim() !== '',
  );
  return {
    body: lines.slice(from).join('\n').trim(),
    bodyLine: first < 0 ? Math.max(1, from) : first + 1,
  };
}
