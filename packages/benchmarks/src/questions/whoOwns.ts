import { parseEntityRef } from '@backstage/catalog-model';
import type { Question } from './Question';
import { chooseSubjects } from './subjects';

/** Who owns something: the team, and how to reach it. */
export const whoOwns: Question = {
  id: 'who-owns',
  title: 'Who owns X, and how do I reach them?',
  subjects: organisation => chooseSubjects(organisation.services()),
  facts: (organisation, ref) => {
    const { name } = parseEntityRef(
      organisation.entity(ref).spec!.owner as string,
    );
    return { words: [name, `${name}@meridian.example`] };
  },
  ask: {
    'prompt-corner': async (mcp, ref) => [await mcp.call('get_owner', { ref })],
    'mcp-actions': async (mcp, ref) => {
      const { kind, name } = parseEntityRef(ref);
      const entity = await mcp.call('catalog.query-catalog-entities', {
        query: { kind, 'metadata.name': name },
        fields: ['spec.owner'],
      });
      const owner = parseEntityRef(JSON.parse(entity).items[0].spec.owner);
      const team = await mcp.call('catalog.query-catalog-entities', {
        query: { kind: owner.kind, 'metadata.name': owner.name },
        fields: ['metadata.name', 'spec.type', 'spec.profile'],
      });
      return [entity, team];
    },
    direct: async (catalog, ref) => {
      const entity = await catalog.getEntitiesByRefs({
        entityRefs: [ref],
        fields: ['spec.owner'],
      });
      const team = await catalog.getEntitiesByRefs({
        entityRefs: [entity.items[0]!.spec!.owner as string],
        fields: ['metadata.name', 'spec.type', 'spec.profile'],
      });
      return [entity.items, team.items];
    },
  },
};
