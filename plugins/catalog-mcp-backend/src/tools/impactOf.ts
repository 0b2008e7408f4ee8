import { Entity } from '@backstage/catalog-model';
import { z } from 'zod/v3';
import { SUMMARY_FIELDS } from '../catalog/CallerCatalog';
import { findContacts } from '../catalog/contacts';
import { titleOf, withoutEmpty } from '../catalog/entities';
import type { CatalogGraphCache } from '../graph/CatalogGraphCache';
import { MAX_TRAVERSED, traverseAsCaller } from '../graph/traverse';
import type { EntityResolver } from '../names/EntityResolver';
import { defineCatalogTool } from './CatalogTool';
import {
  entityRefSchema,
  integerSchema,
  moreSchema,
  noteSchema,
} from './schemas';

const TEAMS_LISTED = 30;
const ENTITIES_LISTED_PER_TEAM = 6;

/** Tells what a change or an outage of an entity touches, and whom to notify. */
export function createImpactOfTool(options: {
  cache: CatalogGraphCache;
  resolver: EntityResolver;
}) {
  const { cache, resolver } = options;
  return defineCatalogTool({
    name: 'impact-of',
    title: 'Assess an impact',
    description:
      'Everything that a change or an outage of an entity can affect: all direct and indirect dependents, grouped by the team to notify, with contacts.',
    input: z.object({
      ref: entityRefSchema(),
      depth: integerSchema({
        min: 1,
        max: 10,
        default: 5,
        description: 'Steps to follow, 1 to 10',
      }),
      offset: integerSchema({
        min: 0,
        max: MAX_TRAVERSED,
        default: 0,
        description: 'Teams to skip',
      }),
    }),
    output: z.object({
      ref: z.string(),
      affected: z.number().describe('Entities affected in all'),
      direct: z.number().describe('Those that depend on it directly'),
      teams: z.array(
        z.object({
          team: z.string(),
          title: z.string().optional(),
          email: z.string().optional(),
          chat: z.string().optional(),
          onCall: z.string().optional(),
          affected: z.number(),
          entities: z
            .array(z.string())
            .describe('Nearest first; fewer than affected when there are many'),
        }),
      ),
      unowned: z
        .array(z.string())
        .optional()
        .describe('Affected entities without a team to notify'),
      more: moreSchema,
      note: noteSchema,
    }),
    examples: [
      {
        title: 'Whom do I tell before I change the identity service?',
        input: { ref: 'identity-service' },
      },
    ],
    async run({ ref, depth, offset }, caller) {
      const resolved = await resolver.resolve({ text: ref, caller });
      const graph = await cache.graphWith(resolved.ref);
      const { reached, capped } = await traverseAsCaller({
        graph,
        caller,
        root: resolved.ref,
        direction: 'dependents',
        depth,
        maxNodes: MAX_TRAVERSED,
      });

      const byOwner = new Map<string, string[]>();
      for (const { ref: affected } of reached) {
        const owner =
          graph.node(affected)?.relations.find(({ type }) => type === 'ownedBy')
            ?.target ?? '';
        const known = byOwner.get(owner);
        if (known) {
          known.push(affected);
        } else {
          byOwner.set(owner, [affected]);
        }
      }
      const owners = await caller.entities(byOwner.keys(), [
        ...SUMMARY_FIELDS,
        'spec.profile',
        'metadata.links',
        'metadata.annotations',
      ]);
      const unowned: string[] = [];
      const teams: Array<{ owner: Entity; ref: string; entities: string[] }> =
        [];
      for (const [owner, entities] of byOwner) {
        const entity = owners.get(owner);
        if (entity) {
          teams.push({ owner: entity, ref: owner, entities });
        } else {
          unowned.push(...entities);
        }
      }
      teams.sort(
        (a, b) =>
          b.entities.length - a.entities.length || a.ref.localeCompare(b.ref),
      );

      const more: string[] = [];
      if (teams.length > offset + TEAMS_LISTED) {
        more.push(
          `${TEAMS_LISTED} of ${
            teams.length
          } teams, most affected first; ask with offset ${
            offset + TEAMS_LISTED
          } for more.`,
        );
      }
      if (teams.some(team => team.entities.length > ENTITIES_LISTED_PER_TEAM)) {
        more.push(
          `At most ${ENTITIES_LISTED_PER_TEAM} entities are named for each team; get_dependencies, direction dependents, names all.`,
        );
      }
      if (capped) {
        more.push(
          `Only the nearest ${MAX_TRAVERSED} dependents were looked at; ask with a smaller depth.`,
        );
      }
      if (unowned.length > TEAMS_LISTED) {
        more.push(`${TEAMS_LISTED} of ${unowned.length} unowned entities.`);
      }
      return withoutEmpty(
        {
          ref: resolved.ref,
          affected: reached.length,
          direct: reached.filter(step => step.depth === 1).length,
          teams: teams.slice(offset, offset + TEAMS_LISTED).map(team =>
            withoutEmpty({
              team: team.ref,
              title: titleOf(team.owner),
              ...findContacts(team.owner),
              affected: team.entities.length,
              entities: team.entities.slice(0, ENTITIES_LISTED_PER_TEAM),
            }),
          ),
          unowned: unowned.slice(0, TEAMS_LISTED),
          more: more.join(' ') || undefined,
          note: resolved.note,
        },
        'teams',
      );
    },
  });
}
