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
import type { CallerCatalog } from '../catalog/CallerCatalog';
import { findOnCall } from '../catalog/contacts';
import type { EntityResolver } from '../names/EntityResolver';
import { defineCatalogTool } from './CatalogTool';
import { entityRefSchema, moreSchema, noteSchema } from './schemas';

/** Related entities listed for each kind of relation. */
const RELATED_LISTED = 8;

const DESCRIPTION_LIMIT = 600;
const TAGS_LISTED = 30;
const LINKS_LISTED = 15;

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
        .record(z.array(z.string()))
        .optional()
        .describe('Related entities by relation'),
      more: moreSchema,
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
      const visible = await visibleTargets(entity, caller);
      return withoutEmpty({
        ref: found,
        title: titleOf(entity),
        description: shorten(entity.metadata.description, DESCRIPTION_LIMIT),
        type: textOf(entity.spec?.type),
        lifecycle: textOf(entity.spec?.lifecycle),
        owner: relationTargets(entity, 'ownedBy')[0],
        partOf: relationTargets(entity, 'partOf'),
        tags: entity.metadata.tags?.slice(0, TAGS_LISTED),
        source: sourceOf(entity),
        docs: annotation(entity, 'backstage.io/techdocs-ref')
          ? true
          : undefined,
        onCall: findOnCall(entity),
        links: entity.metadata.links
          ?.slice(0, LINKS_LISTED)
          .map(({ title, url }) => withoutEmpty({ title, url })),
        ...relationsOf(entity, visible),
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

/** The entities that an entity relates to, as far as the caller may know of them. */
async function visibleTargets(
  entity: Entity,
  caller: CallerCatalog,
): Promise<ReadonlySet<string>> {
  const targets = (entity.relations ?? []).map(({ targetRef }) => targetRef);
  return caller.seesEverything ? new Set(targets) : caller.readable(targets);
}

function relationsOf(
  entity: Entity,
  visible: ReadonlySet<string>,
): { relations?: Record<string, string[]>; more?: string } {
  const types = new Set((entity.relations ?? []).map(({ type }) => type));
  const relations: Record<string, string[]> = {};
  const more: string[] = [];
  for (const type of [...types].sort()) {
    const targets = relationTargets(entity, type).filter(ref =>
      visible.has(ref),
    );
    if (targets.length === 0 || TOLD_ELSEWHERE.includes(type)) {
      continue;
    }
    relations[type] = targets.slice(0, RELATED_LISTED);
    if (targets.length > RELATED_LISTED) {
      more.push(`${RELATED_LISTED} of ${targets.length} ${type}`);
    }
  }
  return {
    relations: Object.keys(relations).length > 0 ? relations : undefined,
    more:
      more.length > 0
        ? `${more.join(', ')}; all by get_dependencies, get_system or get_team.`
        : undefined,
  };
}
