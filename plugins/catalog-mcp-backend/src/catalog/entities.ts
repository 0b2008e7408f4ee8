import { Entity, stringifyEntityRef } from '@backstage/catalog-model';

/** What a list shows of an entity. Fields that are empty are left out. */
export interface EntitySummary {
  ref: string;
  title?: string;
  type?: string;
  lifecycle?: string;
  owner?: string;
  description?: string;
}

const DESCRIPTION_LIMIT = 160;

/** Summarises an entity for a list; long descriptions end with an ellipsis. */
export function summarize(entity: Entity): EntitySummary {
  return withoutEmpty({
    ref: stringifyEntityRef(entity),
    title: titleOf(entity),
    type: textOf(entity.spec?.type),
    lifecycle: textOf(entity.spec?.lifecycle),
    owner: relationTargets(entity, 'ownedBy')[0],
    description: shorten(entity.metadata.description, DESCRIPTION_LIMIT),
  });
}

/** The title, or a user's or group's display name; undefined where it only repeats the name. */
export function titleOf(entity: Entity): string | undefined {
  const profile = entity.spec?.profile as { displayName?: unknown } | undefined;
  const title = entity.metadata.title ?? textOf(profile?.displayName);
  return title === entity.metadata.name ? undefined : title;
}

/** The refs that an entity's relations of one of the given types point to, sorted, without duplicates. */
export function relationTargets(entity: Entity, ...types: string[]): string[] {
  const targets = new Set<string>();
  for (const relation of entity.relations ?? []) {
    if (types.includes(relation.type)) {
      targets.add(relation.targetRef);
    }
  }
  return [...targets].sort();
}

/** An annotation's value, undefined when it is absent or empty. */
export function annotation(entity: Entity, key: string): string | undefined {
  return entity.metadata.annotations?.[key] || undefined;
}

/** The value if it is a non-empty string, else undefined. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Cuts a text at a length in characters, marking the cut with an ellipsis. */
export function shorten(
  text: string | undefined,
  limit: number,
): string | undefined {
  const trimmed = text?.replace(/\s+/g, ' ').trim();
  if (!trimmed) {
    return undefined;
  }
  return trimmed.length <= limit
    ? trimmed
    : `${trimmed.slice(0, limit - 1).trimEnd()}…`;
}

/**
 * Drops undefined values and empty arrays, so that answers carry only what there is.
 *
 * @param always - keys that are kept even with an empty array
 */
export function withoutEmpty<T extends object>(
  value: T,
  ...always: Array<keyof T & string>
): T {
  const kept = Object.entries(value).filter(
    ([key, item]) =>
      item !== undefined &&
      (!Array.isArray(item) ||
        item.length > 0 ||
        (always as string[]).includes(key)),
  );
  return Object.fromEntries(kept) as T;
}
