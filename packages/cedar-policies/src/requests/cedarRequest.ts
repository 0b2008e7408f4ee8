import type {
  CedarValueJson,
  EntityJson,
  StatefulAuthorizationCall,
  TypeAndId,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyReads } from '../reads';

/** What Cedar is asked, but for the policies. */
export type CedarRequest = Pick<
  StatefulAuthorizationCall,
  'principal' | 'action' | 'resource' | 'context' | 'entities'
>;

/** Values by name; what is undefined is not there. */
export type Values = Record<string, CedarValueJson | undefined>;

/** Values of tags by name. Made without a prototype, `__proto__` is a name as any other. */
export type Tags = Record<string, CedarValueJson>;

/** Id of an entity of which there is one in a request. */
export const ONLY = 'this';

/** A reference to an entity, as a value. */
export function entity(type: string, id: string): { __entity: TypeAndId } {
  return { __entity: { type, id } };
}

/** The entity, in a list; no entity without an id. */
export function entitiesOf(type: string, id: string | undefined): TypeAndId[] {
  return id === undefined ? [] : [{ type, id }];
}

/** The only entity of a type, which has tags. */
export function tagged(type: string, tags: Tags): EntityJson {
  return { uid: { type, id: ONLY }, attrs: {}, parents: [], tags };
}

/** Whether policies read an attribute of this name. */
export function isRead(name: string, { attributes }: PolicyReads): boolean {
  return attributes === undefined || attributes.has(name);
}

/** Those values that are there, and that policies read. Cedar knows no undefined. */
export function picked(
  from: Values,
  reads: PolicyReads,
): Record<string, CedarValueJson> {
  const result: Record<string, CedarValueJson> = {};
  for (const name of Object.keys(from)) {
    const value = from[name];
    if (value !== undefined && isRead(name, reads)) {
      result[name] = value;
    }
  }
  return result;
}

/** Those of the entities above one that policies name. */
export function parentsRead(
  parents: TypeAndId[],
  reads: PolicyReads,
): TypeAndId[] {
  return reads.parents
    ? parents.filter(({ type, id }) => reads.parents!.has(`${type}::${id}`))
    : parents;
}

/** Entities but those of which nothing is told: to Cedar, one that it does not know has nothing and is in nothing. */
export function neededEntities(entities: EntityJson[]): EntityJson[] {
  return entities.filter(({ attrs, parents, tags = {} }) =>
    [attrs, parents, tags].some(part => Object.keys(part).length > 0),
  );
}
