import type { Question } from './Question';
import { SUMMARY_FIELDS } from './searching';
import { apiProvidedBy, chooseSubjects } from './subjects';

/** What the API of a service offers. */
export const showApi: Question = {
  id: 'show-api',
  title: 'What can the API of X do?',
  subjects: organisation =>
    chooseSubjects(
      organisation
        .services()
        .filter(
          ref => apiProvidedBy(organisation, ref)?.spec!.type === 'openapi',
        ),
    ),
  facts: (organisation, ref) => {
    const api = apiProvidedBy(organisation, ref)!;
    const operations = (api.spec!.definition as string).matchAll(
      /operationId"?: ?"?(\w+)/g,
    );
    return {
      words: [api.metadata.name, ...[...operations].map(([, id]) => id)],
    };
  },
  ask: {
    'prompt-corner': async (mcp, ref) => [await mcp.call('get_api', { ref })],
    'mcp-actions': async (mcp, ref) => [
      await mcp.call('catalog.query-catalog-entities', {
        query: { kind: 'api', 'relations.apiprovidedby': ref },
        fields: [...SUMMARY_FIELDS, 'spec.definition'],
      }),
    ],
    direct: async (catalog, ref) => [
      await catalog.queryEntities({
        query: { kind: 'api', 'relations.apiprovidedby': ref },
        fields: [...SUMMARY_FIELDS, 'spec.definition'],
        totalItems: 'exclude',
      }),
    ],
  },
};
