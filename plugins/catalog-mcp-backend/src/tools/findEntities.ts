import type { FilterPredicate } from '@backstage/filter-predicates';
import { InputError } from '@backstage/errors';
import { z } from 'zod/v3';
import type { CallerCatalog } from '../catalog/CallerCatalog';
import { SUMMARY_FIELDS } from '../catalog/CallerCatalog';
import { EntitySummary, summarize, withoutEmpty } from '../catalog/entities';
import type { CatalogGraphCache } from '../graph/CatalogGraphCache';
import type { EntityIndex } from '../names/EntityIndex';
import { catalogKindOf, EntityResolver } from '../names/EntityResolver';
import { defineCatalogTool } from './CatalogTool';
import {
  integerSchema,
  moreSchema,
  summarySchema,
  textSchema,
  wordsSchema,
} from './schemas';

/** Hits of a text search that are looked at; beyond, the words are too common to be useful. */
const MAX_HITS = 1_000;

/** Candidates authorised with one request. */
const BATCH = 50;

interface Filters {
  kind?: string;
  type?: string;
  lifecycle?: string;
  owner?: string;
  system?: string;
  tags?: string[];
}

/** Finds entities by words, by attributes, or both. */
export function createFindEntitiesTool(options: {
  cache: CatalogGraphCache;
  index: EntityIndex;
  resolver: EntityResolver;
}) {
  const { cache, index, resolver } = options;
  return defineCatalogTool({
    name: 'find-entities',
    title: 'Find entities',
    description:
      'Search the software catalog (services, libraries, APIs, databases, topics, systems, teams, people) by words and attributes. Start here when you do not know the exact name.',
    input: z.object({
      query: textSchema(
        'Words to look for in names, titles, tags and descriptions',
      ).optional(),
      kind: textSchema(
        'component, api, resource, system, domain, group or user',
      ).optional(),
      type: textSchema(
        'spec.type, such as service, website, library, database',
      ).optional(),
      lifecycle: textSchema(
        'Such as production, experimental or deprecated',
      ).optional(),
      owner: textSchema('Team or user that owns it: ref or name').optional(),
      system: textSchema('System it is part of: ref or name').optional(),
      tags: wordsSchema('Tags that it must all have'),
      limit: integerSchema({
        min: 1,
        max: 100,
        default: 10,
        description: 'Entities to return',
      }),
      offset: integerSchema({
        min: 0,
        max: 10_000,
        default: 0,
        description: 'Entities to skip',
      }),
    }),
    output: z.object({
      entities: z.array(summarySchema),
      total: z
        .number()
        .optional()
        .describe('How many there are in all, where that is known'),
      more: moreSchema,
    }),
    examples: [
      { title: 'What deals with refunds?', input: { query: 'refunds' } },
      {
        title: 'All services in production',
        input: { kind: 'component', type: 'service', lifecycle: 'production' },
      },
    ],
    async run(input, caller) {
      const { query, limit, offset } = input;
      const filters: Filters = {
        kind: input.kind && catalogKindOf(input.kind),
        type: input.type,
        lifecycle: input.lifecycle,
        tags: input.tags?.map(tag => tag.toLocaleLowerCase('en-US')),
        owner:
          input.owner &&
          (
            await resolver.resolve({
              text: input.owner,
              caller,
              kinds: ['group', 'user'],
            })
          ).ref,
        system:
          input.system &&
          (
            await resolver.resolve({
              text: input.system,
              caller,
              kinds: ['system', 'domain'],
            })
          ).ref,
      };
      if (query?.trim()) {
        return searchByWords({ query, filters, limit, offset, caller });
      }
      if (Object.values(filters).every(value => value === undefined)) {
        throw new InputError(
          'Say what to look for: words in query, or at least one of kind, type, lifecycle, owner, system, tags',
        );
      }
      return listByAttributes({ filters, limit, offset, caller });
    },
  });

  /** The index ranks, the catalog filters and authorises. */
  async function searchByWords(search: {
    query: string;
    filters: Filters;
    limit: number;
    offset: number;
    caller: CallerCatalog;
  }) {
    const { query, filters, limit, offset, caller } = search;
    const graph = await cache.graph();
    const hits = index
      .about(query)
      .filter(ref => !filters.kind || graph.node(ref)?.kind === filters.kind);
    const candidates = hits.slice(0, MAX_HITS);

    const found: EntitySummary[] = [];
    let looked = 0;
    while (looked < candidates.length && found.length <= offset + limit) {
      const batch = candidates.slice(looked, looked + BATCH);
      const entities = await caller.entities(batch, [
        ...SUMMARY_FIELDS,
        'metadata.tags',
      ]);
      for (const entity of entities.values()) {
        const summary = summarize(entity);
        if (
          matches(
            entity.relations ?? [],
            entity.metadata.tags ?? [],
            summary,
            filters,
          )
        ) {
          found.push(summary);
        }
      }
      looked += batch.length;
    }
    const everything = looked === hits.length;
    const page = found.slice(offset, offset + limit);
    return withoutEmpty(
      {
        entities: page,
        total: everything ? found.length : undefined,
        more: moreOf({
          rest: found.length > offset + limit,
          next: offset + limit,
          capped: !everything && looked === candidates.length,
        }),
      },
      'entities',
    );
  }
}

function moreOf(page: {
  rest: boolean;
  next: number;
  capped: boolean;
}): string | undefined {
  if (page.rest) {
    return `There are more. Ask with offset ${page.next}, or narrow the words.`;
  }
  return page.capped
    ? `Only the best ${MAX_HITS} hits were looked at; narrow the words.`
    : undefined;
}

async function listByAttributes(list: {
  filters: Filters;
  limit: number;
  offset: number;
  caller: CallerCatalog;
}) {
  const { filters, limit, offset, caller } = list;
  const conditions: FilterPredicate[] = [];
  const condition = (key: string, value: string | undefined) => {
    if (value !== undefined) {
      conditions.push({ [key]: value } as FilterPredicate);
    }
  };
  condition('kind', filters.kind);
  condition('spec.type', filters.type);
  condition('spec.lifecycle', filters.lifecycle);
  condition('relations.ownedBy', filters.owner);
  condition('relations.partOf', filters.system);
  for (const tag of filters.tags ?? []) {
    conditions.push({ 'metadata.tags': { $contains: tag } } as FilterPredicate);
  }
  const { items, totalItems } = await caller.query({
    query: { $all: conditions },
    fields: SUMMARY_FIELDS,
    orderFields: { field: 'metadata.name', order: 'asc' },
    limit,
    offset,
  });
  return withoutEmpty(
    {
      entities: items.map(summarize),
      total: totalItems,
      more:
        totalItems > offset + items.length
          ? `${items.length} of ${totalItems}, by name. Ask with offset ${
              offset + items.length
            }, or narrow the search.`
          : undefined,
    },
    'entities',
  );
}

function matches(
  relations: ReadonlyArray<{ type: string; targetRef: string }>,
  tags: readonly string[],
  summary: EntitySummary,
  filters: Filters,
): boolean {
  const same = (a: string | undefined, b: string | undefined) =>
    b === undefined ||
    a?.toLocaleLowerCase('en-US') === b.toLocaleLowerCase('en-US');
  const related = (type: string, ref: string | undefined) =>
    ref === undefined ||
    relations.some(
      relation => relation.type === type && relation.targetRef === ref,
    );
  return (
    same(summary.type, filters.type) &&
    same(summary.lifecycle, filters.lifecycle) &&
    related('ownedBy', filters.owner) &&
    related('partOf', filters.system) &&
    (filters.tags ?? []).every(tag => tags.includes(tag))
  );
}
