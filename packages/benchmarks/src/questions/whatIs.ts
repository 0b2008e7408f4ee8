import { parseEntityRef } from '@backstage/catalog-model';
import type { Question } from './Question';
import { chooseSubjects } from './subjects';

/** What one entity is. */
export const whatIs: Question = {
  id: 'what-is',
  title: 'What is service X?',
  subjects: organisation => chooseSubjects(organisation.services()),
  facts: (organisation, ref) => {
    const { metadata, spec } = organisation.entity(ref);
    return {
      words: [
        metadata.name,
        spec!.lifecycle as string,
        spec!.system as string,
        parseEntityRef(spec!.owner as string).name,
        ...metadata
          .description!.replace(/[:;,.]/g, '')
          .split(' ')
          .slice(0, 6),
      ],
    };
  },
  ask: {
    'prompt-corner': async (mcp, ref) => [
      await mcp.call('get_entity', { ref }),
    ],
    'mcp-actions': async (mcp, ref) => [
      await mcp.call('catalog.get-catalog-entity', { ...parseEntityRef(ref) }),
    ],
    direct: async (catalog, ref) => [await catalog.getEntityByRef(ref)],
  },
};
