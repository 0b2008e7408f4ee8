import {
  Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  Node,
  parseDocument,
  visit,
} from 'yaml';
import type { Problem } from '../sources';

/** With more, a short text could become endless. */
const MAX_ALIASES = 100;

/** What may be said of a value besides writing it. */
const PLAIN_TAG = /^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/;

/** Mappings in mappings; no configuration has so many. */
const MAX_DEPTH = 20;

/** What a YAML text says, and where. */
export interface ParsedYaml {
  /** Keys are in the order in which they are written, but for those that are whole numbers. */
  value: Record<string, unknown>;
  /**
   * The line, in the file, of what is at a path, or of the nearest thing around it.
   */
  lineOf(path: ReadonlyArray<string | number>): number;
}

/**
 * Parses YAML 1.2 that is a mapping: without tags of its own, and with few aliases.
 *
 * @param options.firstLine - which the text has in its file. Default: 1
 * @param options.problems - gets what is wrong
 * @returns undefined when something is
 */
export function parseYaml(
  text: string,
  options: { file: string; firstLine?: number; problems: Problem[] },
): ParsedYaml | undefined {
  const { file, firstLine = 1, problems } = options;
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    stringKeys: true,
  });
  const lineAt = (offset: number) => firstLine + lines.linePos(offset).line - 1;
  const faults = [
    // A tag that is not known is only a warning to the parser.
    ...[...document.errors, ...document.warnings].map(({ message, pos }) => ({
      offset: pos[0],
      message,
    })),
    ...unsafeParts(document),
  ];
  const value = faults.length === 0 ? valueOf(document, faults) : undefined;
  problems.push(
    ...faults.map(({ offset, message }) => ({
      file,
      line: lineAt(offset),
      message: `the YAML cannot be used: ${message}`,
    })),
  );
  return (
    value && {
      value,
      lineOf: path => lineAt(offsetOf(document, path)),
    }
  );
}

interface Fault {
  offset: number;
  message: string;
}

function unsafeParts(document: Document): Fault[] {
  const faults: Fault[] = [];
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) && key.value === '__proto__') {
        faults.push({
          offset: key.range?.[0] ?? 0,
          message: '"__proto__" cannot be a key; take another name',
        });
      }
    },
    Value(_, { tag, range }) {
      if (tag && !PLAIN_TAG.test(tag)) {
        faults.push({
          offset: range?.[0] ?? 0,
          message: `the tag ${tag} is not known; take it out`,
        });
      }
    },
    Collection(_, node, path) {
      // Each level is a collection and, in a mapping, a pair.
      if (path.filter(part => isMap(part) || isSeq(part)).length < MAX_DEPTH) {
        return undefined;
      }
      faults.push({
        offset: node.range?.[0] ?? 0,
        message: `it is nested deeper than ${MAX_DEPTH} levels; make it flatter`,
      });
      return visit.BREAK;
    },
  });
  return faults;
}

function valueOf(
  document: Document,
  faults: Fault[],
): Record<string, unknown> | undefined {
  try {
    const value = document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {};
    if (typeof value === 'object' && !Array.isArray(value)) {
      return value;
    }
    faults.push({
      offset: 0,
      message: 'it has to be a mapping, such as "description: Reviews changes"',
    });
  } catch (error) {
    faults.push({
      offset: 0,
      message: `${(error as Error).message}; write out what it repeats`,
    });
  }
  return undefined;
}

function offsetOf(
  document: Document,
  path: ReadonlyArray<string | number>,
): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const key of path) {
    const collection: unknown = isAlias(node) ? node.resolve(document) : node;
    if (isMap(collection)) {
      const pair = collection.items.find(
        item => isPair(item) && isScalar(item.key) && item.key.value === key,
      );
      if (!pair) {
        return offset;
      }
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(collection) && collection.items[Number(key)]) {
      node = collection.items[Number(key)];
      offset = (node as Node).range?.[0] ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}
