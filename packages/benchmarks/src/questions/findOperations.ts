import { toPascalCase } from '../organisation/names';
import type { Question } from './Question';
import type { OrganisationModel } from './OrganisationModel';
import { SEARCHED_TOPICS } from './searching';
import { factsOfNames } from './subjects';

/** Which APIs can do something, by what is inside their definitions. */
export const findOperations: Question = {
  id: 'find-operations',
  title: 'Which APIs have an operation about refunds? (and other topics)',
  subjects: organisation =>
    SEARCHED_TOPICS.slice(1)
      .map(({ resource }) => resource)
      .filter(resource => apisServing(organisation, resource).length > 0),
  facts: (organisation, resource) =>
    factsOfNames(apisServing(organisation, resource)),
  ask: {
    'prompt-corner': async (mcp, query) => [
      await mcp.call('find_apis', { query, limit: 50 }),
    ],
    // The catalog does not search inside definitions: its clients must read them all.
    'mcp-actions': async mcp => [
      await mcp.call('catalog.query-catalog-entities', {
        query: { kind: 'api' },
        fields: ['metadata.name', 'spec.definition'],
        limit: 1_000,
      }),
    ],
    direct: async catalog => [
      await catalog.queryEntities({
        query: { kind: 'api' },
        fields: ['metadata.name', 'spec.definition'],
        limit: 1_000,
        totalItems: 'exclude',
      }),
    ],
  },
};

/** Every definition that serves a resource has an operation or an event for its creation. */
function apisServing(
  organisation: OrganisationModel,
  resource: string,
): string[] {
  const name = toPascalCase(resource);
  const creation = new RegExp(`\\b[Cc]reate${name}\\b|\\b${name}Created\\b`);
  return [...organisation.entities]
    .filter(
      ([, { kind, spec }]) =>
        kind === 'API' && creation.test(spec!.definition as string),
    )
    .map(([ref]) => ref);
}
