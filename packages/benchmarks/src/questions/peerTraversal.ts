import type { CatalogApi } from '@backstage/catalog-client';
import {
  Entity,
  parseEntityRef,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import type { McpSession } from '../contenders';
import { Direction, RELATIONS } from './OrganisationModel';
import type { Reading } from './Question';

const FIELDS = ['kind', 'metadata.name', 'metadata.namespace', 'relations'];

/**
 * Traverses level by level with a batched read for each, as the best client
 * of the catalog would.
 */
export function traverseDirectly(
  catalog: CatalogApi,
  root: string,
  direction: Direction,
  depth: number,
): Promise<Reading> {
  return traverse(root, direction, depth, async refs => {
    const { items } = await catalog.getEntitiesByRefs({
      entityRefs: refs,
      fields: FIELDS,
    });
    const entities = items.filter(item => item !== undefined);
    return { entities, read: entities };
  });
}

/**
 * Traverses level by level through mcp-actions. Its only read of many takes
 * no refs, so a level is a query for its names and kinds.
 */
export function traverseWithActions(
  mcp: McpSession,
  root: string,
  direction: Direction,
  depth: number,
): Promise<Reading> {
  return traverse(root, direction, depth, async refs => {
    const parsed = refs.map(ref => parseEntityRef(ref));
    const text = await mcp.call('catalog.query-catalog-entities', {
      query: {
        kind: { $in: [...new Set(parsed.map(({ kind }) => kind))] },
        'metadata.name': { $in: parsed.map(({ name }) => name) },
      },
      fields: FIELDS,
      limit: 1_000,
    });
    return { entities: JSON.parse(text).items as Entity[], read: text };
  });
}

/** The last level's refs are in the relations of the level before, so it is not read. */
async function traverse(
  root: string,
  direction: Direction,
  depth: number,
  readLevel: (refs: string[]) => Promise<{ entities: Entity[]; read: unknown }>,
): Promise<Reading> {
  const types = RELATIONS[direction];
  const reading: Reading = [];
  const seen = new Set([root]);
  let frontier = [root];
  for (let level = 0; level < depth && frontier.length > 0; level++) {
    const { entities, read } = await readLevel(frontier);
    reading.push(read);
    const wanted = new Set(frontier);
    frontier = entities
      .filter(entity => wanted.has(stringifyEntityRef(entity)))
      .flatMap(({ relations }) => relations ?? [])
      .filter(({ type }) => types.includes(type))
      .map(({ targetRef }) => targetRef)
      .filter(ref => !seen.has(ref) && seen.add(ref));
  }
  return reading;
}
