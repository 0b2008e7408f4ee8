import type { CallerCatalog } from '../catalog/CallerCatalog';
import type { CatalogGraph } from './CatalogGraph';

/** Which way a traversal follows dependencies. */
export type Direction = 'dependencies' | 'dependents';

/**
 * Relations that mean "cannot work without": a component depends on what it
 * declares, on the APIs it consumes, and an API on the component behind it.
 */
const RELATIONS: Record<Direction, ReadonlySet<string>> = {
  dependencies: new Set(['dependsOn', 'consumesApi', 'apiProvidedBy']),
  dependents: new Set(['dependencyOf', 'apiConsumedBy', 'providesApi']),
};

/** Entities that one answer looks at. The count of a larger traversal is a lower bound. */
export const MAX_TRAVERSED = 3_000;

/** An entity that a traversal reached. */
export interface Reached {
  ref: string;
  /** Steps from the root, 1 or more. */
  depth: number;
  /** The entity from which it was first reached. */
  via: string;
  /** The relation by which it was first reached. */
  relation: string;
}

/** What a traversal found. */
export interface Traversal {
  /** Breadth first, nearest first. */
  reached: Reached[];
  /** True when the graph holds more than `maxNodes` within the depth. */
  capped: boolean;
}

/**
 * Walks the dependency graph breadth first.
 *
 * @param options.allowed - when given, only these refs are entered, so that
 *   nothing is reached by way of an entity outside the set
 * @param options.maxNodes - stops after so many entities
 */
export function traverse(options: {
  graph: CatalogGraph;
  root: string;
  direction: Direction;
  depth: number;
  maxNodes: number;
  allowed?: ReadonlySet<string>;
}): Traversal {
  const { graph, root, direction, depth, maxNodes, allowed } = options;
  const relations = RELATIONS[direction];
  const seen = new Set([root]);
  const reached: Reached[] = [];
  let frontier = [root];
  for (let level = 1; level <= depth && frontier.length > 0; level++) {
    const next: string[] = [];
    for (const via of frontier) {
      for (const { type, target } of graph.node(via)?.relations ?? []) {
        if (
          !relations.has(type) ||
          seen.has(target) ||
          !graph.node(target) ||
          (allowed && !allowed.has(target))
        ) {
          continue;
        }
        if (reached.length === maxNodes) {
          return { reached, capped: true };
        }
        seen.add(target);
        reached.push({ ref: target, depth: level, via, relation: type });
        next.push(target);
      }
    }
    frontier = next;
  }
  return { reached, capped: false };
}

/**
 * Walks the dependency graph as one caller may see it: planned on the graph,
 * authorised by the catalog, then walked again over what the caller may read.
 *
 * @returns as {@link traverse}; an entity that is reached only through
 *   unreadable ones is absent
 */
export async function traverseAsCaller(options: {
  graph: CatalogGraph;
  caller: CallerCatalog;
  root: string;
  direction: Direction;
  depth: number;
  maxNodes: number;
}): Promise<Traversal> {
  const planned = traverse(options);
  const allowed = await options.caller.readable(
    planned.reached.map(({ ref }) => ref),
  );
  if (allowed.size === planned.reached.length) {
    return planned;
  }
  const walked = traverse({ ...options, allowed });
  return { reached: walked.reached, capped: planned.capped };
}

/**
 * The shortest chain of dependencies from one entity to another, within what
 * the caller may read.
 *
 * @returns the steps after `from`, the last one being `to`; undefined when
 *   there is none within `depth` steps
 */
export async function findPathAsCaller(options: {
  graph: CatalogGraph;
  caller: CallerCatalog;
  from: string;
  to: string;
  depth: number;
}): Promise<Reached[] | undefined> {
  const { caller } = options;
  const planned = shortestPath(options, () => true);
  if (!planned) {
    return undefined;
  }
  const steps = planned.map(({ ref }) => ref);
  if ((await caller.readable(steps)).size === steps.length) {
    return planned;
  }
  const allowed = await caller.readable(onTheWay(options));
  return shortestPath(options, ref => allowed.has(ref));
}

/** The entities on any chain from one entity to another that is short enough, the last one included. */
function onTheWay(options: {
  graph: CatalogGraph;
  from: string;
  to: string;
  depth: number;
}): string[] {
  const { graph, from, to, depth } = options;
  const walk = { graph, depth, maxNodes: graph.size };
  const ahead = traverse({ ...walk, root: from, direction: 'dependencies' });
  const behind = traverse({ ...walk, root: to, direction: 'dependents' });
  const stepsLeft = new Map([[to, 0]]);
  for (const { ref, depth: steps } of behind.reached) {
    stepsLeft.set(ref, steps);
  }
  return ahead.reached.flatMap(({ ref, depth: steps }) =>
    steps + (stepsLeft.get(ref) ?? Infinity) <= depth ? [ref] : [],
  );
}

function shortestPath(
  options: { graph: CatalogGraph; from: string; to: string; depth: number },
  mayEnter: (ref: string) => boolean,
): Reached[] | undefined {
  const { graph, from, to, depth } = options;
  const arrivals = new Map<string, Reached>();
  let frontier = [from];
  for (let level = 1; level <= depth && frontier.length > 0; level++) {
    const next: string[] = [];
    for (const via of frontier) {
      for (const { type, target } of graph.node(via)?.relations ?? []) {
        if (
          !RELATIONS.dependencies.has(type) ||
          target === from ||
          arrivals.has(target) ||
          !graph.node(target) ||
          !mayEnter(target)
        ) {
          continue;
        }
        arrivals.set(target, {
          ref: target,
          depth: level,
          via,
          relation: type,
        });
        if (target === to) {
          return trace(arrivals, from, to);
        }
        next.push(target);
      }
    }
    frontier = next;
  }
  return undefined;
}

function trace(
  arrivals: ReadonlyMap<string, Reached>,
  from: string,
  to: string,
): Reached[] {
  const path: Reached[] = [];
  for (let ref = to; ref !== from; ) {
    const step = arrivals.get(ref)!;
    path.unshift(step);
    ref = step.via;
  }
  return path;
}
