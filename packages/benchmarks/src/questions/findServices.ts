import type { OrganisationModel } from './OrganisationModel';
import type { Question } from './Question';
import { SEARCHED_TOPICS, SUMMARY_FIELDS } from './searching';
import { factsOfNames } from './subjects';

/** Hits that a search shows. */
const PAGE = 20;

const FULL_TEXT_FIELDS = [
  'metadata.name',
  'metadata.title',
  'metadata.description',
];

/** Which services are about something. */
export const findServices: Question = {
  id: 'find-services',
  title: 'Which services are about pricing? (and other topics)',
  subjects: organisation =>
    SEARCHED_TOPICS.map(({ name }) => name).filter(
      topic => servicesAbout(organisation, topic).length > 0,
    ),
  facts: (organisation, topic) => ({
    ...factsOfNames(servicesAbout(organisation, topic)),
    enough: PAGE,
  }),
  ask: {
    'prompt-corner': async (mcp, query) => [
      await mcp.call('find_entities', {
        query,
        kind: 'component',
        type: 'service',
        limit: PAGE,
      }),
    ],
    'mcp-actions': async (mcp, term) => [
      await mcp.call('catalog.query-catalog-entities', {
        query: { kind: 'component', 'spec.type': 'service' },
        fullTextFilter: { term, fields: FULL_TEXT_FIELDS },
        fields: SUMMARY_FIELDS,
        limit: PAGE,
      }),
    ],
    direct: async (catalog, term) => [
      await catalog.queryEntities({
        query: { kind: 'component', 'spec.type': 'service' },
        fullTextFilter: { term, fields: FULL_TEXT_FIELDS },
        fields: SUMMARY_FIELDS,
        limit: PAGE,
        totalItems: 'exclude',
      }),
    ],
  },
};

function servicesAbout(
  organisation: OrganisationModel,
  topic: string,
): string[] {
  return organisation.services().filter(ref => ref.includes(`-${topic}-`));
}
