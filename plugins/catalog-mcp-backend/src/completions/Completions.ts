import type {
  CompleteRequestParams,
  CompleteResult,
} from '@modelcontextprotocol/server';
import type { CallerCatalog } from '../catalog/CallerCatalog';
import type { CatalogGraphCache } from '../graph/CatalogGraphCache';
import type { EntityIndex } from '../names/EntityIndex';

const VALUES = 20;

/** Candidates authorised for one completion. */
const CANDIDATES = 100;

/** Completes entity refs in the arguments of prompts, and the parts of refs in resource templates. */
export class Completions {
  readonly #cache: CatalogGraphCache;
  readonly #index: EntityIndex;

  constructor(options: { cache: CatalogGraphCache; index: EntityIndex }) {
    this.#cache = options.cache;
    this.#index = options.index;
  }

  /** Values that the caller may see, for what was typed so far. */
  async complete(
    params: CompleteRequestParams,
    caller: CallerCatalog,
  ): Promise<CompleteResult> {
    const { name, value } = params.argument;
    const context = params.context?.arguments ?? {};
    const isApi =
      params.ref.type === 'ref/resource' && params.ref.uri.includes('/apis/');
    if (name === 'kind') {
      return this.#visible('kind', value, caller);
    }
    if (name === 'namespace') {
      return this.#visible('metadata.namespace', value, caller);
    }
    if (name === 'name' || name === 'ref') {
      const kind = isApi ? 'api' : context.kind;
      const refs = await this.#matching(value, caller, kind);
      return page(
        name === 'ref'
          ? refs
          : [...new Set(refs.map(ref => ref.split('/')[1]))],
      );
    }
    return page([]);
  }

  async #matching(
    value: string,
    caller: CallerCatalog,
    kind: string | undefined,
  ): Promise<string[]> {
    const graph = await this.#cache.graph();
    const typed = value.trim().slice(0, 200).toLocaleLowerCase('en-US');
    const found: string[] = [];
    if (typed.includes(':')) {
      for (const { ref } of graph.nodes()) {
        if (ref.startsWith(typed)) {
          found.push(ref);
        }
      }
      found.sort();
    } else {
      found.push(...this.#index.nameContains(typed).map(({ ref }) => ref));
    }
    const candidates = found
      .filter(
        ref => !kind || ref.startsWith(`${kind.toLocaleLowerCase('en-US')}:`),
      )
      .slice(0, CANDIDATES);
    const readable = await caller.readable(candidates);
    return candidates.filter(ref => readable.has(ref));
  }

  /** Kinds or namespaces of which the caller may read at least one entity. */
  async #visible(
    facet: 'kind' | 'metadata.namespace',
    typed: string,
    caller: CallerCatalog,
  ): Promise<CompleteResult> {
    const values = await caller.values(facet);
    return page(
      values
        .map(value => value.toLocaleLowerCase('en-US'))
        .filter(value => value.startsWith(typed.toLocaleLowerCase('en-US'))),
    );
  }
}

function page(values: string[]): CompleteResult {
  return {
    completion: {
      values: values.slice(0, VALUES),
      hasMore: values.length > VALUES,
    },
  };
}
