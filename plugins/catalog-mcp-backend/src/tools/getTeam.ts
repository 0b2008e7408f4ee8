import type {
  BackstageCredentials,
  BackstageUserPrincipal,
} from '@backstage/backend-plugin-api';
import { Entity } from '@backstage/catalog-model';
import { InputError, NotFoundError } from '@backstage/errors';
import { z } from 'zod/v3';
import { CallerCatalog, SUMMARY_FIELDS } from '../catalog/CallerCatalog';
import { findContacts } from '../catalog/contacts';
import {
  relationTargets,
  shorten,
  summarize,
  textOf,
  titleOf,
  withoutEmpty,
} from '../catalog/entities';
import type { EntityResolver, ResolvedEntity } from '../names/EntityResolver';
import { defineCatalogTool } from './CatalogTool';
import {
  entityRefSchema,
  integerSchema,
  moreSchema,
  noteSchema,
  summarySchema,
} from './schemas';

const MEMBERS_LISTED = 50;
const OWNED_LISTED = 30;

/** Tells who a team is and what it owns. */
export function createGetTeamTool(options: { resolver: EntityResolver }) {
  const { resolver } = options;
  return defineCatalogTool({
    name: 'get-team',
    title: 'Get a team',
    description:
      'A team: members, contacts, teams above and below, and what it owns. Without ref: the team of whoever is asking.',
    input: z.object({
      ref: entityRefSchema(
        'Team or user: ref or name. Default: your own team',
      ).optional(),
      offset: integerSchema({
        min: 0,
        max: 10_000,
        default: 0,
        description: 'Members to skip',
      }),
    }),
    output: z.object({
      ref: z.string(),
      title: z.string().optional(),
      type: z.string().optional(),
      description: z.string().optional(),
      email: z.string().optional(),
      chat: z.string().optional(),
      onCall: z.string().optional(),
      parents: z.array(z.string()).optional(),
      children: z.array(z.string()).optional(),
      members: z
        .array(z.object({ ref: z.string(), name: z.string().optional() }))
        .optional(),
      owns: z
        .record(z.number())
        .describe('What it owns itself: how many of each kind and type'),
      owned: z.array(summarySchema.omit({ owner: true, description: true })),
      more: moreSchema,
      note: noteSchema,
    }),
    examples: [
      { title: 'Which team am I in, and what do we own?', input: {} },
      {
        title: 'Who is in the payments team?',
        input: { ref: 'payments-team' },
      },
    ],
    async run({ ref, offset }, caller) {
      const resolved = ref
        ? await teamNamed(ref, caller, resolver)
        : await teamOfCaller(caller);
      const { entity: team } = resolved;
      const members = await caller.entities(
        relationTargets(team, 'hasMember'),
        SUMMARY_FIELDS,
      );
      const lastMember = offset + MEMBERS_LISTED;
      const around = await caller.readable(
        relationTargets(team, 'childOf', 'parentOf'),
      );
      const owned = await caller.query({
        query: { 'relations.ownedBy': resolved.ref },
        fields: SUMMARY_FIELDS,
        orderFields: { field: 'metadata.name', order: 'asc' },
        limit: OWNED_LISTED,
      });
      const more: string[] = [];
      if (members.size > lastMember) {
        more.push(
          `Members ${offset} to ${lastMember} of ${members.size}; ask with offset ${lastMember} for more.`,
        );
      }
      if (owned.totalItems > OWNED_LISTED) {
        more.push(
          `${OWNED_LISTED} of ${owned.totalItems} owned entities; page through all with find_entities, owner ${resolved.ref}.`,
        );
      }
      return withoutEmpty(
        {
          ref: resolved.ref,
          title: titleOf(team),
          type: textOf(team.spec?.type),
          description: shorten(team.metadata.description, 400),
          ...findContacts(team),
          parents: relationTargets(team, 'childOf').filter(each =>
            around.has(each),
          ),
          children: relationTargets(team, 'parentOf').filter(each =>
            around.has(each),
          ),
          members: [...members]
            .slice(offset, lastMember)
            .map(([memberRef, member]) =>
              withoutEmpty({ ref: memberRef, name: titleOf(member) }),
            ),
          owns: countByKind(owned.items, owned.totalItems),
          owned: owned.items.map(item => {
            const { owner: _, description: __, ...rest } = summarize(item);
            return rest;
          }),
          more: more.join(' ') || undefined,
          note: resolved.note,
        },
        'owned',
      );
    },
  });
}

/** Counts by kind and type; only the total where not everything was read. */
function countByKind(items: Entity[], total: number): Record<string, number> {
  const counts: Record<string, number> = { total };
  if (items.length < total) {
    return counts;
  }
  for (const { kind, spec } of items) {
    const key = [kind.toLocaleLowerCase('en-US'), textOf(spec?.type)]
      .filter(Boolean)
      .join(' ');
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

async function teamNamed(
  text: string,
  caller: CallerCatalog,
  resolver: EntityResolver,
): Promise<ResolvedEntity> {
  const resolved = await resolver.resolve({
    text,
    caller,
    kinds: ['group', 'user'],
  });
  if (resolved.entity.kind === 'Group') {
    return resolved;
  }
  if (resolved.entity.kind === 'User') {
    return firstTeamOf(resolved.entity, resolved.ref, caller);
  }
  throw new InputError(
    `${resolved.ref} is no team. Who is responsible for it is answered by get_owner`,
  );
}

async function teamOfCaller(caller: CallerCatalog): Promise<ResolvedEntity> {
  const { principal } = caller.credentials as BackstageCredentials<
    BackstageUserPrincipal | { type: 'service' | 'none' | 'unknown' }
  >;
  if (principal.type !== 'user') {
    throw new InputError(
      'You are signed in as a service, which has no team. Name the team in ref',
    );
  }
  const user = await caller.entity(principal.userEntityRef);
  if (!user) {
    throw new NotFoundError(
      `Your user ${principal.userEntityRef} is not in the catalog. Name the team in ref`,
    );
  }
  return firstTeamOf(user, principal.userEntityRef, caller);
}

async function firstTeamOf(
  user: Entity,
  userRef: string,
  caller: CallerCatalog,
): Promise<ResolvedEntity> {
  const teams = await caller.entities(relationTargets(user, 'memberOf'));
  const [first, ...others] = teams.keys();
  if (!first) {
    throw new NotFoundError(
      `${userRef} is in no team that you can see. Name the team in ref`,
    );
  }
  return {
    ref: first,
    entity: teams.get(first)!,
    note:
      others.length > 0
        ? `${userRef} is also in ${others.join(', ')}.`
        : `The team of ${userRef}.`,
  };
}
