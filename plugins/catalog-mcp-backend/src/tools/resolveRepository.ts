import { InputError } from '@backstage/errors';
import { z } from 'zod/v3';
import { SUMMARY_FIELDS } from '../catalog/CallerCatalog';
import { summarize, withoutEmpty } from '../catalog/entities';
import type { CatalogGraphCache } from '../graph/CatalogGraphCache';
import { RepositoryIndex } from '../repositories/RepositoryIndex';
import { repositoryOf } from '../repositories/repositoryOf';
import { trimSlashes } from '../text/words';
import { defineCatalogTool } from './CatalogTool';
import { moreSchema, summarySchema, textSchema } from './schemas';

const LISTED = 50;

/** Candidates authorised for one answer; a larger monorepo is narrowed by path. */
const CANDIDATES = 1_000;

/** Finds what the catalog knows of a repository. */
export function createResolveRepositoryTool(options: {
  cache: CatalogGraphCache;
}) {
  const { cache } = options;
  const repositories = new RepositoryIndex();
  return defineCatalogTool({
    name: 'resolve-repository',
    title: 'Resolve a repository',
    description:
      'Which catalog entities live in a git repository. Takes a remote in any form (output of `git remote get-url origin`) and optionally a path within it, such as the file you are working on.',
    input: z.object({
      remote: textSchema(
        'Such as git@github.com:org/repo.git, https://host/org/repo or org/repo',
        500,
      ).min(1),
      path: textSchema(
        'Path within the repository, to pick the nearest entity of a monorepo',
        1000,
      ).optional(),
    }),
    output: z.object({
      repository: z.string(),
      entities: z.array(
        summarySchema.extend({
          path: z
            .string()
            .describe('Where in the repository it lives; empty for all of it'),
          nearest: z
            .boolean()
            .optional()
            .describe('True for those nearest to the path asked for'),
        }),
      ),
      more: moreSchema,
    }),
    examples: [
      {
        title: 'What am I working on?',
        input: {
          remote: 'git@github.com:lantern-example/monorepo.git',
          path: 'services/checkout/src/index.ts',
        },
      },
    ],
    async run({ remote, path }, caller) {
      const repository = repositoryOf(remote);
      if (!repository) {
        throw new InputError(
          'That is not the address of a git repository. Give it as `git remote get-url origin` prints it, or as owner/name',
        );
      }
      const within = trimSlashes(
        (path ?? repository.path).replaceAll('\\', '/').replace(/^\.\//, ''),
      );
      const graph = await cache.graph();
      const places = new Map<string, string>();
      for (const { ref, location } of repositories.entitiesIn(
        graph,
        repository,
      )) {
        // An entity with several annotations lives in the innermost of the places they name.
        const known = places.get(ref);
        if (known === undefined || known.length < location.path.length) {
          places.set(ref, location.path);
        }
      }
      const candidates = [...places]
        .filter(
          ([, place]) =>
            !within || contains(place, within) || contains(within, place),
        )
        .sort(
          ([a, x], [b, y]) =>
            closeness(y, within) - closeness(x, within) || a.localeCompare(b),
        );
      const entities = await caller.entities(
        candidates.slice(0, CANDIDATES).map(([ref]) => ref),
        SUMMARY_FIELDS,
      );
      const found = candidates.flatMap(([ref, place]) => {
        const entity = entities.get(ref);
        return entity ? [{ entity, place }] : [];
      });
      const nearest = Math.max(
        ...found.map(({ place }) => closeness(place, within)),
      );
      return withoutEmpty(
        {
          repository: [repository.host, repository.name]
            .filter(Boolean)
            .join('/'),
          entities: found.slice(0, LISTED).map(({ entity, place }) => ({
            ...withoutEmpty({
              ...summarize(entity),
              nearest:
                within && nearest >= 0 && closeness(place, within) === nearest
                  ? true
                  : undefined,
            }),
            path: place,
          })),
          more: moreOf(found.length, candidates.length, within),
        },
        'entities',
      );
    },
  });
}

function moreOf(
  found: number,
  candidates: number,
  within: string,
): string | undefined {
  if (found === 0) {
    return 'The catalog has nothing in this repository that you can see. Look by name with find_entities.';
  }
  if (found > LISTED || candidates > CANDIDATES) {
    return `The first ${Math.min(found, LISTED)}; ${
      within ? 'give a longer path' : 'give a path'
    } to narrow.`;
  }
  return undefined;
}

/** How deep the place of an entity lies on the way to a path; -1 when it does not contain it. */
function closeness(place: string, within: string): number {
  return contains(place, within) ? place.length : -1;
}

function contains(folder: string, path: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}
