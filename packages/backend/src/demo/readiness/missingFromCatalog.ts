import {
  Entity,
  RELATION_OWNED_BY,
  parseEntityRef,
  stringifyEntityRef,
} from '@backstage/catalog-model';

/**
 * Compares the catalog with what the demo organisation declares.
 *
 * @param declared - the entities as written
 * @param stored - the entities that the catalog returns
 * @returns one line for each difference that further processing must remove: an entity that is
 *   absent, or one without the relation to its owner, where that owner is declared
 */
export function missingFromCatalog(
  declared: Entity[],
  stored: Entity[],
): string[] {
  const declaredRefs = new Set(declared.map(stringifyEntityRef));
  const storedByRef = new Map(
    stored.map(entity => [stringifyEntityRef(entity), entity]),
  );

  return declared.flatMap(entity => {
    const ref = stringifyEntityRef(entity);
    const storedEntity = storedByRef.get(ref);
    if (!storedEntity) {
      return [ref];
    }
    const ownerRef = declaredOwnerRef(entity);
    if (!ownerRef || !declaredRefs.has(ownerRef)) {
      return [];
    }
    const isOwned = storedEntity.relations?.some(
      ({ type, targetRef }) =>
        type === RELATION_OWNED_BY && targetRef === ownerRef,
    );
    return isOwned ? [] : [`${ref} ${RELATION_OWNED_BY} ${ownerRef}`];
  });
}

function declaredOwnerRef(entity: Entity): string | undefined {
  const owner = entity.spec?.owner;
  if (typeof owner !== 'string') {
    return undefined;
  }
  return stringifyEntityRef(
    parseEntityRef(owner, {
      defaultKind: 'Group',
      defaultNamespace: entity.metadata.namespace ?? 'default',
    }),
  );
}
