import { InputError } from '@backstage/errors';
import { z } from 'zod/v3';
import { SUMMARY_FIELDS } from '../catalog/CallerCatalog';
import { summarize, withoutEmpty } from '../catalog/entities';
import type { CatalogGraphCache } from '../graph/CatalogGraphCache';
import { findPathAsCaller } from '../graph/traverse';
import type { EntityResolver } from '../names/EntityResolver';
import { defineCatalogTool } from './CatalogTool';
import { entityRefSchema, integerSchema, noteSchema } from './schemas';

/** Finds how one entity depends on another. */
export function createFindPathTool(options: {
  cache: CatalogGraphCache;
  resolver: EntityResolver;
}) {
  const { cache, resolver } = options;
  return defineCatalogTool({
    name: 'find-path',
    title: 'Find a dependency path',
    description:
      'The shortest chain of dependencies between two entities: why does A need B? Looks from A to B and, if there is none, from B to A.',
    input: z.object({
      from: entityRefSchema(),
      to: entityRefSchema(),
      depth: integerSchema({
        min: 1,
        max: 10,
        default: 8,
        description: 'Longest chain to look for, 1 to 10 steps',
      }),
    }),
    output: z.object({
      found: z.boolean(),
      from: z.string(),
      to: z.string(),
      reversed: z
        .boolean()
        .optional()
        .describe('True when the dependency runs from `to` to `from`'),
      path: z
        .array(
          z.object({
            relation: z.string(),
            ref: z.string(),
            type: z.string().optional(),
            owner: z.string().optional(),
          }),
        )
        .optional()
        .describe('Each step: the relation, and the entity it leads to'),
      advice: z.string().optional(),
      note: noteSchema,
    }),
    examples: [
      {
        title: 'Why does the shop need the ledger?',
        input: { from: 'storefront', to: 'ledger-db' },
      },
    ],
    async run({ from, to, depth }, caller) {
      const start = await resolver.resolve({ text: from, caller });
      const end = await resolver.resolve({ text: to, caller });
      const note = [start.note, end.note].filter(Boolean).join(' ');
      if (start.ref === end.ref) {
        throw new InputError(
          `Both ends are ${start.ref}; name two different entities`,
        );
      }
      await cache.graphWith(start.ref);
      const graph = await cache.graphWith(end.ref);

      for (const reversed of [false, true]) {
        const [first, last] = reversed
          ? [end.ref, start.ref]
          : [start.ref, end.ref];
        const steps = await findPathAsCaller({
          graph,
          caller,
          from: first,
          to: last,
          depth,
        });
        if (steps) {
          const entities = await caller.entities(
            steps.map(step => step.ref),
            SUMMARY_FIELDS,
          );
          return withoutEmpty({
            found: true,
            from: start.ref,
            to: end.ref,
            reversed: reversed || undefined,
            path: steps.map(step => {
              const entity = entities.get(step.ref);
              const { type, owner } = entity
                ? summarize(entity)
                : { type: undefined, owner: undefined };
              return withoutEmpty({
                relation: step.relation,
                ref: step.ref,
                type,
                owner,
              });
            }),
            note: note || undefined,
          });
        }
      }
      return withoutEmpty({
        found: false,
        from: start.ref,
        to: end.ref,
        advice: `Neither depends on the other within ${depth} steps, as far as you can see.`,
        note: note || undefined,
      });
    },
  });
}
