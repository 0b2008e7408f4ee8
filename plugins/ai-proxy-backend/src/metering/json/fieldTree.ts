/**
 * What is wanted of a field: its value under a name, the first one only with `once`,
 * or its text in a slot.
 */
export type FieldUse = { keep: string; once?: boolean } | { text: number };

/**
 * Fields of a JSON document by their path. Arrays are transparent: the fields of
 * their elements count as the array's.
 */
export interface FieldTree {
  [key: string]: FieldTree | FieldUse;
}

/** Fields to look for, made ready for `JsonFields`. */
export interface FieldNode {
  children: Array<{ key: Buffer; node: FieldNode }>;
  use?: FieldUse;
}

/** Makes fields ready to be looked for. */
export function compileFields(tree: FieldTree): FieldNode {
  return {
    children: Object.entries(tree).map(([key, branch]) => ({
      key: Buffer.from(key),
      node: isUse(branch)
        ? { children: [], use: branch }
        : compileFields(branch),
    })),
  };
}

function isUse(branch: FieldTree | FieldUse): branch is FieldUse {
  const { keep, text } = branch as { keep?: unknown; text?: unknown };
  return typeof keep === 'string' || typeof text === 'number';
}

/** The child whose key is in some bytes of a buffer. */
export function childOfKey(
  parent: FieldNode,
  bytes: Buffer,
  from: number,
  to: number,
): FieldNode | undefined {
  const length = to - from;
  for (const { key, node } of parent.children) {
    let same = 0;
    if (key.length === length) {
      while (same < length && key[same] === bytes[from + same]) {
        same += 1;
      }
      if (same === length) {
        return node;
      }
    }
  }
  return undefined;
}
