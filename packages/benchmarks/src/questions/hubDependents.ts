import type { Question } from './Question';
import { traverseDirectly, traverseWithActions } from './peerTraversal';
import { factsOfNames } from './subjects';

/** Who would notice if one of the best known services failed. */
export const hubDependents: Question = {
  id: 'dependents',
  title: 'What depends on hub X, directly?',
  subjects: organisation =>
    organisation
      .services()
      .map(ref => ({
        ref,
        size: organisation.reach(ref, 'dependents', 1).length,
      }))
      .sort((a, b) => b.size - a.size)
      .slice(0, 3)
      .map(({ ref }) => ref),
  facts: (organisation, ref) =>
    factsOfNames(organisation.reach(ref, 'dependents', 1)),
  ask: {
    'prompt-corner': async (mcp, ref) => [
      await mcp.call('get_dependencies', {
        ref,
        direction: 'dependents',
        depth: 1,
        limit: 200,
      }),
    ],
    'mcp-actions': (mcp, ref) => traverseWithActions(mcp, ref, 'dependents', 1),
    direct: (catalog, ref) => traverseDirectly(catalog, ref, 'dependents', 1),
  },
};
