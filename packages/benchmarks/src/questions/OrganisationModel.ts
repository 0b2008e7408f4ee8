import {
  Entity,
  parseEntityRef,
  stringifyEntityRef,
} from '@backstage/catalog-model';

/** Which way to follow dependencies. */
export type Direction = 'dependencies' | 'dependents';

/**
 * The relations of the catalog that make up the two directions: what a
 * component declares, the APIs that it consumes, and the component behind an API.
 */
export const RELATIONS: Record<Direction, string[]> = {
  dependencies: ['dependsOn', 'consumesApi', 'apiProvidedBy'],
  dependents: ['dependencyOf', 'apiConsumedBy', 'providesApi'],
};

/** The truth that answers are checked against: the organisation itself, not what a catalog made of it. */
export class OrganisationModel {
  readonly entities: Map<string, Entity>;
  readonly #dependencies = new Map<string, Set<string>>();
  readonly #dependents = new Map<string, Set<string>>();

  constructor(entities: Entity[]) {
    this.entities = new Map(
      entities.map(entity => [stringifyEntityRef(entity), entity]),
    );
    for (const [ref, { spec }] of this.entities) {
      const lists = spec as Record<string, string[] | undefined>;
      for (const target of lists.dependsOn ?? []) {
        this.#connect(ref, target);
      }
      for (const api of lists.consumesApis ?? []) {
        this.#connect(ref, toRef(api, 'api'));
      }
      for (const api of lists.providesApis ?? []) {
        this.#connect(toRef(api, 'api'), ref);
      }
    }
  }

  /** An entity that exists. */
  entity(ref: string): Entity {
    return this.entities.get(ref)!;
  }

  /** The refs of all services. */
  services(): string[] {
    return [...this.entities]
      .filter(([, { spec }]) => spec?.type === 'service')
      .map(([ref]) => ref);
  }

  /** The entities within some steps of one, without itself. */
  reach(ref: string, direction: Direction, depth: number): string[] {
    const edges =
      direction === 'dependencies' ? this.#dependencies : this.#dependents;
    const seen = new Set([ref]);
    let frontier = [ref];
    for (let level = 0; level < depth; level++) {
      frontier = [
        ...new Set(frontier.flatMap(each => [...(edges.get(each) ?? [])])),
      ].filter(each => !seen.has(each));
      frontier.forEach(each => seen.add(each));
    }
    seen.delete(ref);
    return [...seen];
  }

  #connect(from: string, to: string): void {
    if (this.entities.has(from) && this.entities.has(to)) {
      add(this.#dependencies, from, to);
      add(this.#dependents, to, from);
    }
  }
}

function toRef(name: string, defaultKind: string): string {
  return stringifyEntityRef(
    parseEntityRef(name, { defaultKind, defaultNamespace: 'default' }),
  );
}

function add(edges: Map<string, Set<string>>, from: string, to: string): void {
  const targets = edges.get(from) ?? new Set();
  edges.set(from, targets.add(to));
}
