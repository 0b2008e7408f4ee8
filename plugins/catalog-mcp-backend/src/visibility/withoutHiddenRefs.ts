import type { CallerCatalog } from '../catalog/CallerCatalog';
import { isEntityRef } from '../catalog/entityRef';
import type { CatalogGraphCache } from '../graph/CatalogGraphCache';
import type { CatalogTool } from '../tools/CatalogTool';

/**
 * Makes a tool never name an entity that the caller may not read.
 *
 * An entity that may be read names others in its relations: its owner, what it
 * depends on. A tool need not think of each of these places; whatever ref is
 * left in an answer and hidden from the caller is taken out of it here. Refs of
 * entities that do not exist hide nothing and stay.
 */
export function withoutHiddenRefs(
  tool: CatalogTool,
  options: { cache: CatalogGraphCache },
): CatalogTool {
  const { cache } = options;
  return {
    ...tool,
    async run(input, caller) {
      const output = await tool.run(input, caller);
      if (caller.seesEverything) {
        return output;
      }
      const refs = new Set<string>();
      collect(output, refs);
      const hidden = await hiddenAmong(refs, caller, cache);
      return hidden.size > 0
        ? (prune(output, hidden) as typeof output)
        : output;
    },
  };
}

async function hiddenAmong(
  refs: Set<string>,
  caller: CallerCatalog,
  cache: CatalogGraphCache,
): Promise<Set<string>> {
  const graph = await cache.graph();
  const existing = [...refs].filter(ref => graph.node(ref));
  const readable = await caller.readable(existing);
  return new Set(existing.filter(ref => !readable.has(ref)));
}

function collect(value: unknown, refs: Set<string>): void {
  if (typeof value === 'string') {
    if (isEntityRef(value)) {
      refs.add(value);
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) {
      collect(item, refs);
    }
  }
}

function prune(value: unknown, hidden: Set<string>): unknown {
  const isHidden = (item: unknown) =>
    typeof item === 'string' && hidden.has(item);
  if (Array.isArray(value)) {
    return value
      .filter(item => !isHidden(item))
      .map(item => prune(item, hidden));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, item]) => !isHidden(item))
        .map(([key, item]) => [key, prune(item, hidden)]),
    );
  }
  return value;
}
