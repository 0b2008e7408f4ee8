import {
  Entity,
  parseEntityRef,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { InputError, NotFoundError } from '@backstage/errors';
import type { CallerCatalog } from '../catalog/CallerCatalog';
import { isEntityRefPart } from '../catalog/entityRef';
import type { CatalogGraphCache } from '../graph/CatalogGraphCache';
import { clip } from '../text/words';
import type { EntityIndex } from './EntityIndex';

/** Names looked at when a text is not a ref. */
const CANDIDATES = 50;

/** Names listed in an answer about an ambiguous or missing name. */
const LISTED = 8;

/** A best hit is taken for what was meant when it scores so much better than the next of its kind. */
const CLEAR_LEAD = 1.3;

const KINDS_BY_PREFERENCE = [
  'component',
  'api',
  'system',
  'resource',
  'domain',
  'group',
  'user',
  'airesource',
  'template',
];

/** What people call kinds when they mean the catalog's. */
const KIND_SYNONYMS: Record<string, string> = {
  service: 'component',
  website: 'component',
  library: 'component',
  database: 'resource',
  topic: 'resource',
  cluster: 'resource',
  bucket: 'resource',
  team: 'group',
  person: 'user',
};

/** The entity that a text names, and how the text was understood if it was not a full ref. */
export interface ResolvedEntity {
  ref: string;
  entity: Entity;
  note?: string;
}

/** Finds the entity that a person or a model names, within what a caller may read. */
export class EntityResolver {
  readonly #cache: CatalogGraphCache;
  readonly #index: EntityIndex;

  constructor(options: { cache: CatalogGraphCache; index: EntityIndex }) {
    this.#cache = options.cache;
    this.#index = options.index;
  }

  /**
   * @param options.text - a full ref (`component:default/payments-api`), a
   *   shorter one (`component:payments-api`), a name, or part of a name
   * @param options.kinds - the kinds that are meant when a name is shared by
   *   several, most likely first; default: components first
   * @throws NotFoundError naming the closest names when nothing fits
   * @throws InputError when the text is no ref, or fits several entities
   */
  async resolve(options: {
    text: string;
    caller: CallerCatalog;
    kinds?: string[];
  }): Promise<ResolvedEntity> {
    const text = options.text.trim();
    const { caller } = options;
    const kinds = options.kinds ?? KINDS_BY_PREFERENCE;
    const asked = parseLoosely(text);

    if (asked.kind) {
      const ref = stringifyEntityRef({
        kind: asked.kind,
        namespace: asked.namespace ?? 'default',
        name: asked.name,
      });
      const entity = await caller.entity(ref);
      if (entity) {
        return { ref: stringifyEntityRef(entity), entity };
      }
    }

    const found =
      (await this.#byName(text, asked, caller, kinds)) ??
      (await this.#afterRefresh(text, asked, caller, kinds));
    if (found) {
      return found;
    }
    throw new NotFoundError(
      await this.#missingMessage(text, asked.name, caller),
    );
  }

  /** An entity that was registered a moment ago is in the catalog but not yet in the index. */
  async #afterRefresh(
    text: string,
    asked: LooseRef,
    caller: CallerCatalog,
    kinds: string[],
  ): Promise<ResolvedEntity | undefined> {
    const before = await this.#cache.graph();
    const after = await this.#cache.freshGraph();
    return before === after
      ? undefined
      : this.#byName(text, asked, caller, kinds);
  }

  /** Names among the kinds that are meant come first, even those that fit only in part. */
  async #byName(
    text: string,
    asked: LooseRef,
    caller: CallerCatalog,
    kinds: string[],
  ): Promise<ResolvedEntity | undefined> {
    await this.#cache.graph();
    const isMeant = (ref: string) => kinds.includes(kindOf(ref));
    return (
      (await this.#named(text, asked, caller, kinds, isMeant)) ??
      this.#named(text, asked, caller, kinds, ref => !isMeant(ref))
    );
  }

  async #named(
    text: string,
    asked: LooseRef,
    caller: CallerCatalog,
    kinds: string[],
    isWanted: (ref: string) => boolean,
  ): Promise<ResolvedEntity | undefined> {
    const fits = (ref: string) =>
      isWanted(ref) &&
      (!asked.kind || kindOf(ref) === asked.kind) &&
      (!asked.namespace || ref.includes(`:${asked.namespace}/`));
    const exact = this.#index
      .named(asked.name)
      .map(ref => ({ ref, score: 1 }))
      .filter(({ ref }) => fits(ref));
    const partial = this.#index
      .nameContains(asked.name)
      .filter(({ ref }) => fits(ref));
    for (const hits of [exact, partial]) {
      const looked = hits.slice(0, CANDIDATES);
      const entities = await caller.entities(looked.map(({ ref }) => ref));
      const candidates = looked.flatMap(({ ref, score }) => {
        const entity = entities.get(ref);
        return entity ? [{ ref, entity, score }] : [];
      });
      if (candidates.length > 0) {
        return choose(text, candidates, kinds);
      }
    }
    return undefined;
  }

  async #missingMessage(
    text: string,
    name: string,
    caller: CallerCatalog,
  ): Promise<string> {
    const similar = this.#index.soundsLike(name).slice(0, CANDIDATES);
    const readable = await caller.readable(similar);
    const closest = similar.filter(ref => readable.has(ref)).slice(0, LISTED);
    const advice =
      closest.length > 0
        ? `Closest: ${closest.join(', ')}.`
        : 'Nothing has a similar name; search for it with find_entities.';
    return `There is no entity "${text}" in the catalog that you can see. ${advice}`;
  }
}

interface Candidate {
  ref: string;
  entity: Entity;
  score: number;
}

/** Takes the candidate that is clearly meant. Candidates come best first. */
function choose(
  text: string,
  candidates: Candidate[],
  kinds: string[],
): ResolvedEntity {
  const rank = ({ ref, entity }: Candidate) => {
    const position = kinds.indexOf(kindOf(ref));
    const kindRank = position === -1 ? kinds.length : position;
    // What people call by a bare name is the service, rather than a library for it.
    return kindRank + (isService(entity) ? 0 : 0.5);
  };
  const bestRank = Math.min(...candidates.map(rank));
  const [best, next] = candidates.filter(
    candidate => rank(candidate) === bestRank,
  );
  const others = candidates
    .filter(candidate => candidate !== best)
    .map(({ ref }) => ref);
  if (next && best.score < next.score * CLEAR_LEAD) {
    throw new InputError(
      `"${text}" fits several entities: ${listed([
        best.ref,
        ...others,
      ])}. Ask again with one of these refs.`,
    );
  }
  const exact = text.toLocaleLowerCase('en-US') === nameOf(best.ref);
  const notes = [
    ...(exact ? [] : [`"${text}" was taken for ${best.ref}.`]),
    ...(others.length > 0 ? [`Also fitting: ${listed(others)}.`] : []),
  ];
  return {
    ref: best.ref,
    entity: best.entity,
    note: notes.join(' ') || undefined,
  };
}

function isService({ kind, spec }: Entity): boolean {
  return kind === 'Component' && spec?.type === 'service';
}

function kindOf(ref: string): string {
  return ref.slice(0, ref.indexOf(':'));
}

function nameOf(ref: string): string {
  return ref.slice(ref.indexOf('/') + 1).toLocaleLowerCase('en-US');
}

function listed(refs: string[]): string {
  const more = refs.length - LISTED;
  return more > 0
    ? `${refs.slice(0, LISTED).join(', ')} and ${more} more`
    : refs.join(', ');
}

interface LooseRef {
  kind?: string;
  namespace?: string;
  name: string;
}

/** The catalog's word for a kind that people call otherwise, in lower case. */
export function catalogKindOf(kind: string): string {
  const lower = kind.toLocaleLowerCase('en-US');
  return (
    KIND_SYNONYMS[lower] ?? KIND_SYNONYMS[lower.replace(/s$/, '')] ?? lower
  );
}

function parseLoosely(text: string): LooseRef {
  if (text === '') {
    throw new InputError(
      'An entity is named by a ref such as component:default/payments-api, or by its name',
    );
  }
  if (!/[:/]/.test(text)) {
    return { name: text };
  }
  try {
    const parsed = parseEntityRef(text, {
      defaultKind: 'any',
      defaultNamespace: ' ',
    });
    const kind = parsed.kind.toLocaleLowerCase('en-US');
    const asked = {
      kind: kind === 'any' ? undefined : catalogKindOf(kind),
      namespace: parsed.namespace === ' ' ? undefined : parsed.namespace,
      name: parsed.name,
    };
    if (!Object.values(asked).every(part => !part || isEntityRefPart(part))) {
      throw new InputError('It has characters that no ref has');
    }
    return asked;
  } catch (error) {
    throw new InputError(
      `"${clip(
        text,
      )}" is not an entity ref. Write kind:namespace/name, such as component:default/payments-api, or just the name`,
      error,
    );
  }
}
