import { z } from 'zod/v3';
import { CallerCatalog, SUMMARY_FIELDS } from '../catalog/CallerCatalog';
import { relationTargets, summarize, withoutEmpty } from '../catalog/entities';
import type { CatalogGraph } from '../graph/CatalogGraph';
import type { CatalogGraphCache } from '../graph/CatalogGraphCache';
import { Direction, MAX_TRAVERSED, traverseAsCaller } from '../graph/traverse';
import type { EntityResolver } from '../names/EntityResolver';
import { defineCatalogTool } from './CatalogTool';
import {
  entityRefSchema,
  integerSchema,
  moreSchema,
  noteSchema,
  wordsSchema,
} from './schemas';

const dependencySchema = z.object({
  ref: z.string(),
  type: z.string().optional(),
  owner: z.string().optional(),
  depth: z.number(),
  via: z
    .string()
    .optional()
    .describe('The entity it is reached through, beyond depth 1'),
  relation: z.string(),
});

/** Lists what an entity depends on, what depends on it, or both. */
export function createGetDependenciesTool(options: {
  cache: CatalogGraphCache;
  resolver: EntityResolver;
}) {
  const { cache, resolver } = options;
  return defineCatalogTool({
    name: 'get-dependencies',
    title: 'Get dependencies',
    description:
      'What an entity depends on (dependencies), or what depends on it (dependents), directly or through others. Follows dependsOn, consumed APIs and the components that provide them. Nearest first.',
    input: z.object({
      ref: entityRefSchema(),
      direction: z
        .enum(['dependencies', 'dependents', 'both'])
        .default('dependencies'),
      depth: integerSchema({
        min: 1,
        max: 5,
        default: 1,
        description: 'Steps to follow, 1 to 5',
      }),
      kinds: wordsSchema(
        'Only entities of these kinds or types, such as component or database; others are still followed through',
      ),
      limit: integerSchema({
        min: 1,
        max: 200,
        default: 50,
        description: 'Entities to return in each direction',
      }),
      offset: integerSchema({
        min: 0,
        max: MAX_TRAVERSED,
        default: 0,
        description: 'Entities to skip in each direction',
      }),
    }),
    output: z.object({
      ref: z.string(),
      dependencies: z.array(dependencySchema).optional(),
      dependents: z.array(dependencySchema).optional(),
      counts: z
        .record(z.number())
        .describe('How many there are in each direction, listed or not'),
      missing: z
        .array(z.string())
        .optional()
        .describe(
          'Dependencies that it declares and the catalog does not have',
        ),
      more: moreSchema,
      note: noteSchema,
    }),
    examples: [
      {
        title: 'Databases that checkout needs, however indirectly',
        input: { ref: 'checkout', depth: 5, kinds: ['database'] },
      },
      {
        title: 'Who uses the payments API directly?',
        input: { ref: 'payments-api', direction: 'dependents' },
      },
    ],
    async run({ ref, direction, depth, kinds, limit, offset }, caller) {
      const resolved = await resolver.resolve({ text: ref, caller });
      const graph = await cache.graphWith(resolved.ref);
      const directions: Direction[] =
        direction === 'both' ? ['dependencies', 'dependents'] : [direction];

      const counts: Record<string, number> = {};
      const lists: Partial<
        Record<Direction, Array<z.infer<typeof dependencySchema>>>
      > = {};
      const more: string[] = [];
      for (const each of directions) {
        const found = await dependenciesOf({
          graph,
          caller,
          root: resolved.ref,
          direction: each,
          depth,
          kinds,
          limit,
          offset,
        });
        lists[each] = found.listed;
        counts[each] = found.count;
        more.push(...found.more);
      }
      return withoutEmpty({
        ref: resolved.ref,
        ...lists,
        counts,
        missing: directions.includes('dependencies')
          ? relationTargets(resolved.entity, 'dependsOn', 'consumesApi').filter(
              target => !graph.node(target),
            )
          : undefined,
        more: more.join(' ') || undefined,
        note: resolved.note,
      });
    },
  });
}

async function dependenciesOf(options: {
  graph: CatalogGraph;
  caller: CallerCatalog;
  root: string;
  direction: Direction;
  depth: number;
  kinds?: string[];
  limit: number;
  offset: number;
}) {
  const { graph, caller, direction, kinds, limit, offset } = options;
  const { reached, capped } = await traverseAsCaller({
    ...options,
    maxNodes: MAX_TRAVERSED,
  });
  const wanted = kinds?.map(kind => kind.toLocaleLowerCase('en-US'));
  const matching = reached.filter(({ ref }) => {
    const node = graph.node(ref);
    return (
      !wanted?.length ||
      wanted.includes(node?.kind ?? '') ||
      wanted.includes(node?.type?.toLocaleLowerCase('en-US') ?? '')
    );
  });
  const shown = matching.slice(offset, offset + limit);
  const entities = await caller.entities(
    shown.map(({ ref }) => ref),
    SUMMARY_FIELDS,
  );
  const listed = shown.flatMap(({ ref, depth, via, relation }) => {
    const entity = entities.get(ref);
    if (!entity) {
      return [];
    }
    const { type, owner } = summarize(entity);
    return [
      withoutEmpty({
        ref,
        type,
        owner,
        depth,
        via: depth > 1 ? via : undefined,
        relation,
      }),
    ];
  });
  const more: string[] = [];
  if (matching.length > offset + shown.length) {
    more.push(
      `${shown.length} of ${matching.length} ${direction}; ask with offset ${
        offset + shown.length
      } for more, or with a smaller depth or kinds.`,
    );
  }
  if (capped) {
    more.push(
      `Only the nearest ${MAX_TRAVERSED} ${direction} were looked at; ask with a smaller depth.`,
    );
  }
  return { listed, count: matching.length, more };
}
