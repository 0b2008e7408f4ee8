import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { NotFoundError } from '@backstage/errors';
import { z } from 'zod/v3';
import { CallerCatalog, SUMMARY_FIELDS } from '../catalog/CallerCatalog';
import {
  relationTargets,
  shorten,
  summarize,
  titleOf,
  withoutEmpty,
} from '../catalog/entities';
import type { EntityResolver } from '../names/EntityResolver';
import { defineCatalogTool } from './CatalogTool';
import { entityRefSchema, moreSchema, noteSchema } from './schemas';

const PARTS_LISTED = 60;

const OUTGOING = ['dependsOn', 'consumesApi'];
const INCOMING = ['dependencyOf', 'apiConsumedBy'];

const partSchema = z.object({
  ref: z.string(),
  title: z.string().optional(),
  type: z.string().optional(),
  owner: z.string().optional(),
});

/** Draws the map of a system or a domain. */
export function createGetSystemTool(options: { resolver: EntityResolver }) {
  const { resolver } = options;
  return defineCatalogTool({
    name: 'get-system',
    title: 'Get a system map',
    description:
      'The map of a system or domain: its parts by kind with their owners, and the other systems that it depends on or that depend on it. For a component, the system it belongs to.',
    input: z.object({
      ref: entityRefSchema(
        'System or domain, or something that is part of one',
      ),
    }),
    output: z.object({
      ref: z.string(),
      title: z.string().optional(),
      description: z.string().optional(),
      owner: z.string().optional(),
      partOf: z.array(z.string()).optional(),
      parts: z
        .record(z.array(partSchema))
        .describe('Parts by kind: components, APIs, resources, systems …'),
      counts: z.record(z.number()).describe('Parts by kind, listed or not'),
      dependsOn: z
        .array(z.string())
        .optional()
        .describe('Systems outside that parts of it need'),
      dependents: z
        .array(z.string())
        .optional()
        .describe('Systems outside that need parts of it'),
      more: moreSchema,
      note: noteSchema,
    }),
    examples: [
      {
        title: 'What makes up payment processing?',
        input: { ref: 'payment-processing' },
      },
    ],
    async run({ ref }, caller) {
      const resolved = await resolver.resolve({
        text: ref,
        caller,
        kinds: ['system', 'domain', 'component', 'api', 'resource'],
      });
      const { entity, note } = await systemOf(resolved.entity, caller);
      const systemRef = stringifyEntityRef(entity);
      const parts = await caller.entities(
        relationTargets(entity, 'hasPart'),
        SUMMARY_FIELDS,
      );

      const byKind: Record<string, Array<z.infer<typeof partSchema>>> = {};
      const counts: Record<string, number> = {};
      let listed = 0;
      for (const part of parts.values()) {
        const kind = part.kind.toLocaleLowerCase('en-US');
        counts[kind] = (counts[kind] ?? 0) + 1;
        if (listed < PARTS_LISTED) {
          const { ref: partRef, title, type, owner } = summarize(part);
          (byKind[kind] ??= []).push(
            withoutEmpty({ ref: partRef, title, type, owner }),
          );
          listed += 1;
        }
      }
      return withoutEmpty({
        ref: systemRef,
        title: titleOf(entity),
        description: shorten(entity.metadata.description, 400),
        owner: relationTargets(entity, 'ownedBy')[0],
        partOf: relationTargets(entity, 'partOf'),
        parts: byKind,
        counts,
        dependsOn: await systemsBeyond(parts, systemRef, OUTGOING, caller),
        dependents: await systemsBeyond(parts, systemRef, INCOMING, caller),
        more:
          parts.size > listed
            ? `${listed} of ${parts.size} parts are listed; page through all with find_entities, system ${systemRef}.`
            : undefined,
        note: [resolved.note, note].filter(Boolean).join(' ') || undefined,
      });
    },
  });
}

async function systemOf(
  entity: Entity,
  caller: CallerCatalog,
): Promise<{ entity: Entity; note?: string }> {
  if (entity.kind === 'System' || entity.kind === 'Domain') {
    return { entity };
  }
  const ref = stringifyEntityRef(entity);
  const wholes = await caller.entities(relationTargets(entity, 'partOf'));
  const system = [...wholes.values()].find(({ kind }) => kind === 'System');
  if (!system) {
    throw new NotFoundError(
      `${ref} is not part of any system that you can see. Its neighbours are found by get_dependencies`,
    );
  }
  return {
    entity: system,
    note: `${ref} is part of ${stringifyEntityRef(system)}.`,
  };
}

/** The systems that entities outside belong to, which parts of a system relate to. */
async function systemsBeyond(
  parts: ReadonlyMap<string, Entity>,
  system: string,
  relations: string[],
  caller: CallerCatalog,
): Promise<string[]> {
  const neighbours = new Set<string>();
  for (const part of parts.values()) {
    for (const target of relationTargets(part, ...relations)) {
      if (!parts.has(target)) {
        neighbours.add(target);
      }
    }
  }
  const entities = await caller.entities(neighbours, [
    'kind',
    'metadata.name',
    'metadata.namespace',
    'relations',
  ]);
  const systems = new Set<string>();
  for (const entity of entities.values()) {
    for (const whole of relationTargets(entity, 'partOf')) {
      if (whole.startsWith('system:') && whole !== system) {
        systems.add(whole);
      }
    }
  }
  const readable = await caller.readable(systems);
  return [...readable].sort();
}
