import { Entity } from '@backstage/catalog-model';
import { z } from 'zod/v3';
import {
  annotation,
  relationTargets,
  shorten,
  textOf,
  titleOf,
  withoutEmpty,
} from '../catalog/entities';
import { findOnCall } from '../catalog/contacts';
import type { EntityResolver } from '../names/EntityResolver';
import { defineCatalogTool } from './CatalogTool';
import { entityRefSchema, noteSchema } from './schemas';

/** Related entities listed for each kind of relation. */
const RELATED_LISTED = 8;

const DESCRIPTION_LIMIT = 600;

/** Relations that have fields of their own in the answer. */
const TOLD_ELSEWHERE = ['ownedBy', 'partOf'];

/** Tells what one entity is. */
export function createGetEntityTool(options: { resolver: EntityResolver }) {
  const { resolver } = options;
  return defineCatalogTool({
    name: 'get-entity',
    title: 'Get an entity',
    description:
      'What one entity of the software catalog is: description, type, lifecycle, owner, system, source, links, on-call, and what it is directly related to.',
    input: z.object({ ref: entityRefSchema() }),
    output: z.object({
      ref: z.string(),
      title: z.string().optional(),
      description: z.string().optional(),
      type: z.string().optional(),
      lifecycle: z.string().optional(),
      owner: z.string().optional(),
      partOf: z.array(z.string()).optional(),
      tags: z.array(z.string()).optional(),
      source: z.string().optional().describe('Where its source code is'),
      docs: z
        .boolean()
        .optional()
        .describe('True when get_docs can read its documentation'),
      onCall: z.string().optional(),
      links: z
        .array(z.object({ title: z.string().optional(), url: z.string() }))
        .optional(),
      relations: z
        .record(z.union([z.array(z.string()), z.string()]))
        .optional()
        .describe(
          'Related entities by relation; a text instead of a list tells how many there are',
        ),
      note: noteSchema,
    }),
    examples: [
      { title: 'What is payments?', input: { ref: 'payments' } },
      {
        title: 'By its full ref',
        input: { ref: 'component:default/payments-api' },
      },
    ],
    async run({ ref }, caller) {
      const {
        entity,
        note,
        ref: found,
      } = await resolver.resolve({
        text: ref,
        caller,
      });
      return withoutEmpty({
        ref: found,
        title: titleOf(entity),
        description: shorten(entity.metadata.description, DESCRIPTION_LIMIT),
        type: textOf(entity.spec?.type),
        lifecycle: textOf(entity.spec?.lifecycle),
        owner: relationTargets(entity, 'ownedBy')[0],
        partOf: relationTargets(entity, 'partOf'),
        tags: entity.metadata.tags,
        source: sourceOf(entity),
        docs: annotation(entity, 'backstage.io/techdocs-ref')
          ? true
          : undefined,
        onCall: findOnCall(entity),
        links: entity.metadata.links?.map(({ title, url }) =>
          withoutEmpty({ title, url }),
        ),
        relations: relationsOf(entity),
        note,
      });
    },
  });
}

function sourceOf(entity: Entity): string | undefined {
  return annotation(entity, 'backstage.io/source-location')?.replace(
    /^url:/,
    '',
  );
}

function relationsOf(
  entity: Entity,
): Record<string, string[] | string> | undefined {
  const types = new Set(
    (entity.relations ?? [])
      .map(({ type }) => type)
      .filter(type => !TOLD_ELSEWHERE.includes(type)),
  );
  if (types.size === 0) {
    return undefined;
  }
  return Object.fromEntries(
    [...types].sort().map(type => {
      const targets = relationTargets(entity, type);
      return [
        type,
        targets.length <= RELATED_LISTED
          ? targets
          : `${targets.length}, among them ${targets
              .slice(0, RELATED_LISTED)
              .join(
                ', ',
              )}; all of them by get_dependencies, get_system or get_team`,
      ];
    }),
  );
}
