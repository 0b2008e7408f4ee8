import { InputError, NotFoundError } from '@backstage/errors';
import { MAX_ID_CHARACTERS, MAX_OPERATIONS } from './limits';
import { closest } from './closest';
import { clip } from './text';
import type { OperationDetail, OperationSummary } from './types';

/** Operations named when several fit. */
const MAX_CANDIDATES = 10;

/**
 * An operation as a format's reader knows it.
 */
export interface Operation {
  summary: OperationSummary;
  /** Other names people call it by, from which an id is looked up when nothing has it exactly; need not be unique. */
  aliases: string[];
  /** For operations over HTTP: the path template, for finding "/refunds/{id}" by "/refunds/42". */
  path?: string;
  /** What the summary does not have; called when somebody asks. */
  describe(): Pick<OperationDetail, 'description' | 'detail' | 'truncated'>;
}

/**
 * The operations of one definition, found by id or by what somebody may have written instead of it.
 */
export class OperationIndex {
  private readonly byId = new Map<string, Operation>();
  private readonly timesTaken = new Map<string, number>();
  private byName?: Map<string, Operation[]>;
  private byShape?: Map<string, Operation[]>;

  /**
   * Adds an operation under the first id that is free.
   *
   * @param ids - Candidates, the best one first; when all are taken the last gets a number.
   * @throws InputError at more than `MAX_OPERATIONS`.
   */
  add(
    ids: (string | undefined)[],
    operation: Omit<Operation, 'summary'> & {
      summary: Omit<OperationSummary, 'id'>;
    },
  ): void {
    if (this.byId.size >= MAX_OPERATIONS) {
      throw new InputError(
        `The API definition declares more than ${MAX_OPERATIONS} operations, which is more than can be listed. Split it into several API entities`,
      );
    }
    const id = this.freeId(ids.filter(candidate => !!candidate) as string[]);
    const signature = clip(operation.summary.signature, MAX_ID_CHARACTERS);
    this.byId.set(id, {
      ...operation,
      summary: prune({ id, ...operation.summary, signature }),
    });
  }

  /** All summaries, in the order they were added. */
  summaries(): OperationSummary[] {
    return Array.from(this.byId.values(), operation => operation.summary);
  }

  /** Whether an operation has exactly this id. */
  has(id: string): boolean {
    return this.byId.has(id);
  }

  /**
   * Describes the operation somebody means, from the strictest reading of the id to the most forgiving one.
   *
   * @param advice - Added to the message when nothing is found: what else could be asked for.
   * @throws NotFoundError naming the three closest operations.
   * @throws InputError when several fit equally well.
   */
  describe(id: string, advice: string): OperationDetail {
    const { summary, describe } = this.find(id, advice);
    const { signature, deprecated } = summary;
    return prune({
      id: summary.id,
      signature,
      summary: summary.summary,
      deprecated,
      ...describe(),
    });
  }

  private find(id: string, advice: string): Operation {
    const exact = this.byId.get(id);
    if (exact) {
      return exact;
    }
    if (id.length <= MAX_ID_CHARACTERS) {
      for (const candidates of this.readings(id)) {
        if (candidates.length === 1) {
          return candidates[0];
        }
        if (candidates.length > 1) {
          throw ambiguous(id, candidates);
        }
      }
    }
    throw this.notFound(id, advice);
  }

  private freeId(candidates: string[]): string {
    const ids = candidates.map(candidate => clip(candidate, MAX_ID_CHARACTERS));
    const free = ids.find(id => !this.byId.has(id));
    if (free) {
      return free;
    }
    const last = ids.at(-1) || 'operation';
    let number = this.timesTaken.get(last) ?? 1;
    let numbered: string;
    do {
      number += 1;
      numbered = `${last} (${number})`;
    } while (this.byId.has(numbered));
    this.timesTaken.set(last, number);
    return numbered;
  }

  private *readings(id: string): Generator<Operation[]> {
    this.byName ??= this.indexBy(({ summary }) =>
      [summary.id, summary.signature].map(nameOf),
    );
    yield this.byName.get(nameOf(id)) ?? [];
    this.byShape ??= this.indexBy(({ summary, aliases }) =>
      [summary.id, summary.signature, ...aliases].map(shapeOf),
    );
    yield this.byShape.get(shapeOf(id)) ?? [];
    yield this.matchingPath(id);
  }

  private indexBy(
    keysOf: (operation: Operation) => string[],
  ): Map<string, Operation[]> {
    const index = new Map<string, Operation[]>();
    for (const operation of this.byId.values()) {
      for (const key of new Set(keysOf(operation))) {
        const operations = index.get(key);
        if (operations) {
          operations.push(operation);
        } else {
          index.set(key, [operation]);
        }
      }
    }
    return index;
  }

  /** Operations whose path template fits a concrete path; of several the tightest. */
  private matchingPath(id: string): Operation[] {
    const asked = /^(?:([a-z]+) \/?|\/)([^ ?#]*)/.exec(nameOf(id));
    if (!asked) {
      // A lone word is no path: it would fit "/{anything}".
      return [];
    }
    const [, method, path] = asked;
    const segments = path.split('/');
    let best: Operation[] = [];
    let tightest = Infinity;
    for (const operation of this.byId.values()) {
      const loose = looseness(operation, method, segments);
      if (loose < tightest) {
        best = [];
        tightest = loose;
      }
      if (loose === tightest && loose !== Infinity) {
        best.push(operation);
      }
    }
    return best;
  }

  private notFound(id: string, advice: string): NotFoundError {
    const asked = clip(id, 100);
    if (this.byId.size === 0) {
      return new NotFoundError(
        `No operation "${asked}": the API definition declares no operations. ${advice}`,
      );
    }
    const operations = Array.from(this.byId.values(), o => o.summary);
    const names = closest(id, operations, o => [o.id, o.signature])
      .map(o => `"${o.id}"`)
      .join(', ');
    return new NotFoundError(
      `No operation "${asked}" among the ${operations.length} of the API definition. The closest are ${names}. ${advice}`,
    );
  }
}

function ambiguous(id: string, candidates: Operation[]): InputError {
  const names = candidates
    .slice(0, MAX_CANDIDATES)
    .map(({ summary }) => `"${summary.id}"`)
    .join(', ');
  const more =
    candidates.length > MAX_CANDIDATES
      ? ` and ${candidates.length - MAX_CANDIDATES} more`
      : '';
  return new InputError(
    `"${clip(
      id,
      100,
    )}" may mean several operations: ${names}${more}. Ask for one of them by its id`,
  );
}

function nameOf(id: string): string {
  return id.trim().replace(/\s+/g, ' ').toLowerCase();
}

/** A name without what people write differently: the names of path parameters, a slash at the end. */
function shapeOf(id: string): string {
  return nameOf(id)
    .replace(/\{[^{}]*\}|<[^<>]*>|(?<=\/):[^/]+/g, '{}')
    .replace(/(?<=.)\/$/, '');
}

/**
 * How loosely an operation's path template fits a concrete path: about the number of segments that only a parameter matches, less
 * where the segment has literal text too ("{id}:cancel"). `Infinity` when it does not fit.
 */
function looseness(
  { path, summary }: Operation,
  method: string | undefined,
  segments: string[],
): number {
  if (
    path === undefined ||
    (method && !nameOf(summary.signature).startsWith(`${method} `))
  ) {
    return Infinity;
  }
  const template = path.replace(/^\//, '').toLowerCase().split('/');
  if (template.length !== segments.length) {
    return Infinity;
  }
  return template.reduce(
    (sum, segment, index) => sum + segmentLooseness(segment, segments[index]),
    0,
  );
}

function segmentLooseness(template: string, segment: string): number {
  if (template === segment) {
    return 0;
  }
  const start = template.indexOf('{');
  const end = template.lastIndexOf('}');
  const before = template.slice(0, Math.max(start, 0));
  const after = template.slice(end + 1);
  const fits =
    start >= 0 &&
    end > start &&
    segment.length > before.length + after.length &&
    segment.startsWith(before) &&
    segment.endsWith(after);
  return fits ? 1 / (1 + before.length + after.length) : Infinity;
}

/** Without the keys that have no value, which would be `null`s or noise for whoever reads the answer. */
function prune<T extends object>(value: T): T {
  return Object.fromEntries(
    Object.entries(value).filter(([, entry]) => entry !== undefined),
  ) as T;
}
