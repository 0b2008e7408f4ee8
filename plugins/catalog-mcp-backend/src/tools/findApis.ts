import { z } from 'zod/v3';
import type { ApiOperationIndex } from '../apis/ApiOperationIndex';
import { SUMMARY_FIELDS } from '../catalog/CallerCatalog';
import { relationTargets, summarize, withoutEmpty } from '../catalog/entities';
import type { OperationSummary } from '../definitions';
import type { CatalogGraphCache } from '../graph/CatalogGraphCache';
import type { EntityIndex } from '../names/EntityIndex';
import { defineCatalogTool } from './CatalogTool';
import {
  integerSchema,
  moreSchema,
  summarySchema,
  textSchema,
} from './schemas';

/** APIs looked at before those the caller may not read are dropped. */
const CANDIDATES = 200;
const OPERATIONS_LISTED = 4;

/** How quickly a hit's weight falls with its rank when two rankings are merged. */
const RANK_DAMPING = 10;

/** Finds APIs by what they are about and by the operations inside their definitions. */
export function createFindApisTool(options: {
  cache: CatalogGraphCache;
  index: EntityIndex;
  operations: ApiOperationIndex;
}) {
  const { cache, index, operations } = options;
  return defineCatalogTool({
    name: 'find-apis',
    title: 'Find APIs',
    description:
      'Find the API for a need, by name and description and by the operations inside the definitions (OpenAPI, AsyncAPI, GraphQL, gRPC). Names the matching operations; get_api shows one in full.',
    input: z.object({
      query: textSchema('What the API or one of its operations should do').min(
        1,
      ),
      type: textSchema(
        'Only openapi, asyncapi, graphql, grpc or mcp-server',
      ).optional(),
      limit: integerSchema({
        min: 1,
        max: 50,
        default: 5,
        description: 'APIs to return',
      }),
    }),
    output: z.object({
      apis: z.array(
        summarySchema.extend({
          providedBy: z.array(z.string()).optional(),
          operations: z
            .array(
              z.object({
                id: z.string(),
                signature: z.string(),
                summary: z.string().optional(),
              }),
            )
            .optional()
            .describe('Operations that fit, best first'),
        }),
      ),
      more: moreSchema,
    }),
    examples: [
      { title: 'How do I refund a payment?', input: { query: 'refund' } },
    ],
    async run({ query, type, limit }, caller) {
      const graph = await cache.graph();
      const fitting = new Map<string, OperationSummary[]>();
      for (const { api, operation } of await operations.find(query)) {
        const known = fitting.get(api);
        if (known) {
          known.push(operation);
        } else {
          fitting.set(api, [operation]);
        }
      }
      const named = index
        .about(query)
        .filter(ref => graph.node(ref)?.kind === 'api');
      const wanted = type?.toLocaleLowerCase('en-US');
      const ranked = merge([...fitting.keys()], named).filter(
        ref => !wanted || graph.node(ref)?.type === wanted,
      );

      const candidates = ranked.slice(0, CANDIDATES);
      const entities = await caller.entities(candidates, SUMMARY_FIELDS);
      const found = candidates.flatMap(ref => entities.get(ref) ?? []);
      return withoutEmpty(
        {
          apis: found.slice(0, limit).map(entity => {
            const summary = summarize(entity);
            return withoutEmpty({
              ...summary,
              providedBy: relationTargets(entity, 'apiProvidedBy'),
              operations: fitting
                .get(summary.ref)
                ?.slice(0, OPERATIONS_LISTED)
                .map(({ id, signature, summary: text }) =>
                  withoutEmpty({ id, signature, summary: text }),
                ),
            });
          }),
          more: moreOf(found.length, limit, ranked.length),
        },
        'apis',
      );
    },
  });
}

function moreOf(
  found: number,
  limit: number,
  ranked: number,
): string | undefined {
  if (found > limit) {
    return `The best ${limit} of ${found} or more; narrow the words, or ask with a higher limit (at most 50).`;
  }
  return ranked > CANDIDATES
    ? `Only the best ${CANDIDATES} hits were looked at; narrow the words.`
    : undefined;
}

/** Merges rankings by reciprocal rank, so that what is high in both comes first. */
function merge(...rankings: string[][]): string[] {
  const scores = new Map<string, number>();
  for (const ranking of rankings) {
    for (const [rank, ref] of ranking.entries()) {
      scores.set(ref, (scores.get(ref) ?? 0) + 1 / (RANK_DAMPING + rank));
    }
  }
  return [...scores]
    .sort(([a, x], [b, y]) => y - x || a.localeCompare(b))
    .map(([ref]) => ref);
}
