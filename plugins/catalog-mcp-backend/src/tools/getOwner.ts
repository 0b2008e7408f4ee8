import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { z } from 'zod/v3';
import type { CallerCatalog } from '../catalog/CallerCatalog';
import { findContacts, findOnCall } from '../catalog/contacts';
import {
  relationTargets,
  textOf,
  titleOf,
  withoutEmpty,
} from '../catalog/entities';
import type { CatalogGraph } from '../graph/CatalogGraph';
import type { CatalogGraphCache } from '../graph/CatalogGraphCache';
import type { EntityResolver } from '../names/EntityResolver';
import { defineCatalogTool } from './CatalogTool';
import { entityRefSchema, moreSchema, noteSchema } from './schemas';

const MEMBERS_LISTED = 10;

/** Owner, system, domain, parent: longer chains are broken data. */
const MAX_CHAIN = 6;

/** Tells who is responsible for an entity and how to reach them. */
export function createGetOwnerTool(options: {
  resolver: EntityResolver;
  cache: CatalogGraphCache;
}) {
  const { resolver, cache } = options;
  return defineCatalogTool({
    name: 'get-owner',
    title: 'Get the owner',
    description:
      'Who is responsible for an entity and how to reach them: owning team with parent teams, members, e-mail, chat and on-call. When the entity has no valid owner, says who is next: owner of what it is a part of.',
    input: z.object({ ref: entityRefSchema() }),
    output: z.object({
      ref: z.string(),
      owner: z
        .object({
          ref: z.string(),
          title: z.string().optional(),
          type: z.string().optional(),
          email: z.string().optional(),
          chat: z.string().optional(),
          onCall: z.string().optional(),
        })
        .optional(),
      onCall: z.string().optional().describe('On-call of the entity itself'),
      inheritedFrom: z
        .string()
        .optional()
        .describe(
          'The entity whose owner this is, when the one asked about has none',
        ),
      parents: z
        .array(z.string())
        .optional()
        .describe('Teams above the owner, nearest first'),
      members: z
        .array(
          z.object({
            ref: z.string(),
            name: z.string().optional(),
            email: z.string().optional(),
          }),
        )
        .optional(),
      problem: z.string().optional(),
      more: moreSchema,
      note: noteSchema,
    }),
    examples: [
      {
        title: 'Who owns the payments API?',
        input: { ref: 'payments-api' },
      },
    ],
    async run({ ref }, caller) {
      const resolved = await resolver.resolve({ text: ref, caller });
      const { entity } = resolved;
      const search = await findOwner(entity, caller, await cache.graph());
      if (!search.owner) {
        return withoutEmpty({
          ref: resolved.ref,
          onCall: findOnCall(entity),
          problem: search.problem,
          note: resolved.note,
        });
      }
      const { owner } = search;
      const parents = await parentsOf(owner, caller);
      const members = await caller.entities(
        relationTargets(owner, 'hasMember'),
      );
      return withoutEmpty({
        ref: resolved.ref,
        owner: withoutEmpty({
          ref: stringifyEntityRef(owner),
          title: titleOf(owner),
          type: textOf(owner.spec?.type),
          ...findContacts(owner),
        }),
        onCall: findOnCall(entity),
        inheritedFrom: search.inheritedFrom,
        parents,
        members: [...members]
          .slice(0, MEMBERS_LISTED)
          .map(([memberRef, member]) =>
            withoutEmpty({
              ref: memberRef,
              name: titleOf(member),
              email: findContacts(member).email,
            }),
          ),
        problem: search.problem,
        more:
          members.size > MEMBERS_LISTED
            ? `${MEMBERS_LISTED} of ${members.size} members; get_team lists the rest.`
            : undefined,
        note: resolved.note,
      });
    },
  });
}

interface OwnerSearch {
  owner?: Entity;
  inheritedFrom?: string;
  problem?: string;
}

/**
 * The entity's own owner or, where that is missing, the owner of what it is a
 * part of: parent component, then system, then domain.
 */
async function findOwner(
  entity: Entity,
  caller: CallerCatalog,
  graph: CatalogGraph,
): Promise<OwnerSearch> {
  if (entity.kind === 'Group' || entity.kind === 'User') {
    return { owner: entity };
  }
  const problem = problemWithOwner(entity, graph);

  let current: Entity | undefined = entity;
  for (let step = 0; current && step < MAX_CHAIN; step++) {
    const owner = await first(relationTargets(current, 'ownedBy'), caller);
    if (owner) {
      return step === 0
        ? { owner }
        : { owner, inheritedFrom: stringifyEntityRef(current), problem };
    }
    current = await first(
      relationTargets(current, 'partOf').sort(componentsFirst),
      caller,
    );
  }
  return {
    problem: `${problem} Nothing it is a part of has an owner either.`,
  };
}

/** Why an entity's own owner is not the answer. Names the owner only if that does not exist. */
function problemWithOwner(entity: Entity, graph: CatalogGraph): string {
  const named = textOf(entity.spec?.owner);
  const [owner] = relationTargets(entity, 'ownedBy');
  if (!named) {
    return 'It names no owner.';
  }
  return !owner || !graph.node(owner)
    ? `Its owner is given as "${named}", which is not in the catalog.`
    : 'It has no owner that you can see.';
}

async function first(
  refs: string[],
  caller: CallerCatalog,
): Promise<Entity | undefined> {
  const entities = await caller.entities(refs);
  return refs.map(ref => entities.get(ref)).find(Boolean);
}

function componentsFirst(a: string, b: string): number {
  return (
    Number(b.startsWith('component:')) - Number(a.startsWith('component:'))
  );
}

async function parentsOf(
  team: Entity,
  caller: CallerCatalog,
): Promise<string[]> {
  const parents: string[] = [];
  let current: Entity | undefined = team;
  while (current && parents.length < MAX_CHAIN) {
    current = await first(relationTargets(current, 'childOf'), caller);
    const ref = current && stringifyEntityRef(current);
    if (!ref || parents.includes(ref)) {
      break;
    }
    parents.push(ref);
  }
  return parents;
}
