import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { textOf, titleOf } from '../catalog/entities';

/** What the graph remembers of one entity. */
export interface CatalogNode {
  ref: string;
  kind: string;
  name: string;
  title?: string;
  description?: string;
  type?: string;
  tags: string[];
  etag?: string;
  /** `key=value` of the annotations that say in which repository it is. */
  sources: string[];
  relations: ReadonlyArray<{ type: string; target: string }>;
  /** The entity with {@link GRAPH_FIELDS}. */
  entity: Entity;
}

/** The entity fields that a graph is built from: all that tools tell of, but not the definitions of APIs. */
export const GRAPH_FIELDS = [
  'kind',
  'metadata',
  'spec.type',
  'spec.lifecycle',
  'spec.owner',
  'spec.profile',
  'spec.remotes',
  'relations',
];

/** Annotations that say in which repository an entity lives. */
export const SOURCE_ANNOTATIONS = [
  'backstage.io/source-location',
  'backstage.io/managed-by-location',
  'github.com/project-slug',
  'gitlab.com/project-slug',
  'bitbucket.org/project-key',
];

/**
 * Every entity of the catalog and how they relate, as they were at one moment.
 *
 * It knows no permissions: it may plan which entities an answer is about, and
 * whoever plans with it re-authorises what comes out with {@link CallerCatalog}.
 */
export class CatalogGraph {
  readonly #nodes: ReadonlyMap<string, CatalogNode>;

  constructor(nodes: ReadonlyMap<string, CatalogNode>) {
    this.#nodes = nodes;
  }

  get size(): number {
    return this.#nodes.size;
  }

  node(ref: string): CatalogNode | undefined {
    return this.#nodes.get(ref);
  }

  nodes(): IterableIterator<CatalogNode> {
    return this.#nodes.values();
  }
}

/**
 * Turns an entity into a node.
 *
 * @param entity - an entity with at least {@link GRAPH_FIELDS}
 */
export function toNode(entity: Entity): CatalogNode {
  const { annotations = {}, description, etag, tags = [] } = entity.metadata;
  return {
    ref: stringifyEntityRef(entity),
    kind: entity.kind.toLocaleLowerCase('en-US'),
    name: entity.metadata.name,
    title: titleOf(entity),
    description,
    type: textOf(entity.spec?.type),
    tags,
    etag,
    sources: SOURCE_ANNOTATIONS.flatMap(key =>
      annotations[key] ? [`${key}=${annotations[key]}`] : [],
    ),
    relations: (entity.relations ?? []).map(relation => ({
      type: relation.type,
      target: relation.targetRef,
    })),
    entity,
  };
}
