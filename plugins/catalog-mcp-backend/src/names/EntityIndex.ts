import MiniSearch, { SearchResult } from 'minisearch';
import { isPrefix, LENIENT, searchWordsOf, wordsOf } from '../text/words';
import type { CatalogNode } from '../graph/CatalogGraph';
import type { GraphChange } from '../graph/CatalogGraphCache';

/** Documents added between two turns of the event loop while indexing. */
const INDEX_CHUNK = 500;

/**
 * Finds entities by words and by approximate names. Knows no permissions:
 * whoever asks re-authorises the refs that come out.
 */
export class EntityIndex {
  readonly #search = new MiniSearch<CatalogNode>({
    idField: 'ref',
    fields: ['name', 'title', 'type', 'tags', 'description'],
    extractField: (node, field) => {
      const value = node[field as keyof CatalogNode];
      return Array.isArray(value) ? value.join(' ') : (value as string);
    },
    tokenize: wordsOf,
    storeFields: ['type'],
    searchOptions: {
      boostDocument: (ref, _term, stored) => weightOf(ref, stored?.type),
      boost: { name: 5, title: 4, tags: 2, type: 2 },
      tokenize: searchWordsOf,
    },
  });
  readonly #byName = new Map<string, Set<string>>();

  /** Takes over what changed in the graph. */
  async update(change: GraphChange): Promise<void> {
    for (const ref of change.removed) {
      this.#remove(ref);
    }
    for (const [position, node] of change.changed.entries()) {
      this.#remove(node.ref);
      this.#search.add(node);
      const key = node.name.toLocaleLowerCase('en-US');
      this.#byName.set(key, (this.#byName.get(key) ?? new Set()).add(node.ref));
      if (position % INDEX_CHUNK === INDEX_CHUNK - 1) {
        await new Promise(resolve => setImmediate(resolve));
      }
    }
  }

  /** Refs of the entities that have exactly this name, in any case. */
  named(name: string): string[] {
    return [
      ...(this.#byName.get(name.toLocaleLowerCase('en-US')) ?? []),
    ].sort();
  }

  /** Refs of the entities whose name or title has every word of the text, or words beginning with them; best first. */
  nameContains(text: string): Array<{ ref: string; score: number }> {
    return this.#hits(text, {
      fields: ['name', 'title'],
      prefix: isPrefix,
      combineWith: 'AND',
    });
  }

  /** Refs of the entities whose names look like the text; best first. */
  soundsLike(text: string): string[] {
    return this.#hits(text, {
      fields: ['name', 'title'],
      prefix: isPrefix,
      fuzzy: 0.34,
    }).map(({ ref }) => ref);
  }

  /**
   * Refs of the entities that the words are about: all of the words where any
   * entity has them all, otherwise any of them; best first.
   */
  about(text: string): string[] {
    const all = this.#hits(text, { ...LENIENT, combineWith: 'AND' });
    const hits = all.length > 0 ? all : this.#hits(text, LENIENT);
    return hits.map(({ ref }) => ref);
  }

  #hits(
    text: string,
    options: Parameters<MiniSearch['search']>[1],
  ): Array<{ ref: string; score: number }> {
    return this.#search
      .search(text, options)
      .map((hit: SearchResult) => ({ ref: hit.id as string, score: hit.score }))
      .sort((a, b) => b.score - a.score || a.ref.localeCompare(b.ref));
  }

  #remove(ref: string): void {
    if (!this.#search.has(ref)) {
      return;
    }
    this.#search.discard(ref);
    const name = ref.slice(ref.indexOf('/') + 1);
    const refs = this.#byName.get(name);
    refs?.delete(ref);
    if (refs?.size === 0) {
      this.#byName.delete(name);
    }
  }
}

/** Among entities that fit equally, services are meant most often, and people least. */
function weightOf(ref: string, type: unknown): number {
  const kind = ref.slice(0, ref.indexOf(':'));
  if (kind === 'component') {
    return type === 'service' ? 1.6 : 1.3;
  }
  return kind === 'api' || kind === 'system' ? 1.2 : 1;
}
