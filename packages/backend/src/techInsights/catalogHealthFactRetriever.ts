import type {
  FactRetriever,
  TechInsightFact,
} from '@backstage-community/plugin-tech-insights-node';
import { CatalogClient } from '@backstage/catalog-client';
import {
  Entity,
  RELATION_OWNED_BY,
  stringifyEntityRef,
} from '@backstage/catalog-model';

const OWNER_KINDS = ['Group', 'User'];
const CHECKED_KINDS = ['Component', 'API', 'Resource', 'System', 'Domain'];
const KINDS_WITH_LIFECYCLE = ['Component', 'API'];
const KINDS_WITH_TECHDOCS = ['Component'];

const TECHDOCS_ANNOTATIONS = [
  'backstage.io/techdocs-ref',
  'backstage.io/techdocs-entity',
];

/**
 * Facts about how well the catalog describes an entity. The retrievers that Tech Insights ships
 * do not know whether an owner exists, and have facts for kinds for which they mean nothing.
 */
export const catalogHealthFactRetriever: FactRetriever = {
  id: 'catalogHealthFactRetriever',
  version: '1.0.0',
  title: 'Catalog health',
  description: 'How well the catalog describes an entity',
  entityFilter: [{ kind: CHECKED_KINDS }],
  schema: {
    hasExistingOwner: {
      type: 'boolean',
      description: 'An owner of the entity is in the catalog',
    },
    hasDescription: {
      type: 'boolean',
      description: 'The entity has a description',
    },
    hasTechDocs: {
      type: 'boolean',
      description: 'The component has TechDocs',
    },
    isDeprecated: {
      type: 'boolean',
      description: 'The lifecycle of the component or API is "deprecated"',
    },
  },
  async handler({ discovery, auth, entityFilter }) {
    const { token } = await auth.getPluginRequestToken({
      onBehalfOf: await auth.getOwnServiceCredentials(),
      targetPluginId: 'catalog',
    });
    const catalog = new CatalogClient({ discoveryApi: discovery });

    const owners = await catalog.getEntities(
      {
        filter: { kind: OWNER_KINDS },
        fields: ['kind', 'metadata.namespace', 'metadata.name'],
      },
      { token },
    );
    const ownerRefs = new Set(owners.items.map(stringifyEntityRef));

    const entities = await catalog.getEntities(
      {
        filter: entityFilter,
        fields: ['kind', 'metadata', 'spec.lifecycle', 'relations'],
      },
      { token },
    );
    return entities.items.map(entity => toFact(entity, ownerRefs));
  },
};

/**
 * Derives the facts of one entity.
 *
 * @param entity - a stitched entity
 * @param ownerRefs - refs of all groups and users in the catalog
 * @returns the facts that mean something for an entity of its kind
 */
export function toFact(
  entity: Entity,
  ownerRefs: Set<string>,
): TechInsightFact {
  const { kind, metadata, relations = [], spec } = entity;
  const hasOwner = relations.some(
    // A relation is there even when its target is not.
    ({ type, targetRef }) =>
      type === RELATION_OWNED_BY && ownerRefs.has(targetRef),
  );
  const hasTechDocs = TECHDOCS_ANNOTATIONS.some(
    name => metadata.annotations?.[name],
  );
  return {
    entity: {
      kind,
      namespace: metadata.namespace ?? 'default',
      name: metadata.name,
    },
    facts: {
      hasExistingOwner: hasOwner,
      hasDescription: Boolean(metadata.description),
      ...(KINDS_WITH_TECHDOCS.includes(kind) && { hasTechDocs }),
      ...(KINDS_WITH_LIFECYCLE.includes(kind) && {
        isDeprecated: spec?.lifecycle === 'deprecated',
      }),
    },
  };
}
