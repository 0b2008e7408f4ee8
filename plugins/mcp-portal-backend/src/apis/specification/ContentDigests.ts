import canonicalize from 'canonicalize';
import { createHash } from 'node:crypto';
import { pointerOf, valueAt } from './references';

/** Part of a description that something refers to. */
interface Part {
  digest: string;
  /** Pointers of what it refers to itself. */
  refs: string[];
}

/**
 * Digests of parts of a description with everything that they refer to, so
 * that nothing a model reads of an operation can change without its pin.
 */
export class ContentDigests {
  readonly #root: unknown;
  readonly #parts = new Map<string, Part>();

  constructor(root: unknown) {
    this.#root = root;
  }

  /** @throws RangeError when it is nested too deep */
  of(value: unknown): string {
    const own = partOf(value);
    const seen = new Set<string>(own.refs);
    const hash = createHash('sha256').update(own.digest);
    // A set can grow while it is walked.
    for (const pointer of seen) {
      for (const ref of this.#partAt(pointer).refs) {
        seen.add(ref);
      }
    }
    for (const pointer of [...seen].sort()) {
      hash.update(`${pointer}\n${this.#partAt(pointer).digest}\n`);
    }
    return hash.digest('hex');
  }

  #partAt(pointer: string): Part {
    let part = this.#parts.get(pointer);
    if (!part) {
      part = partOf(valueAt(this.#root, pointer));
      this.#parts.set(pointer, part);
    }
    return part;
  }
}

function partOf(value: unknown): Part {
  const refs = new Set<string>();
  const rest = [value];
  while (rest.length) {
    const current = rest.pop();
    if (typeof current === 'object' && current !== null) {
      const pointer = pointerOf(current);
      if (pointer !== undefined) {
        refs.add(pointer);
      }
      for (const member of Object.values(current)) {
        rest.push(member);
      }
    }
  }
  const json = value === undefined ? '' : canonicalize(value) ?? '';
  return {
    digest: createHash('sha256').update(json).digest('hex'),
    refs: [...refs],
  };
}
