import type { Question } from './Question';
import { traverseDirectly, traverseWithActions } from './peerTraversal';
import { chooseSubjects, factsOfNames } from './subjects';

/** What a service cannot work without, however indirectly. */
export const dependencies: Question = {
  id: 'dependencies',
  title: 'What does X depend on, to depth 3?',
  subjects: organisation =>
    chooseSubjects(
      organisation.services().filter(ref => {
        const { length } = organisation.reach(ref, 'dependencies', 3);
        return length >= 20 && length <= 100;
      }),
    ),
  facts: (organisation, ref) =>
    factsOfNames(organisation.reach(ref, 'dependencies', 3)),
  ask: {
    'prompt-corner': async (mcp, ref) => [
      await mcp.call('get_dependencies', { ref, depth: 3, limit: 200 }),
    ],
    'mcp-actions': (mcp, ref) =>
      traverseWithActions(mcp, ref, 'dependencies', 3),
    direct: (catalog, ref) => traverseDirectly(catalog, ref, 'dependencies', 3),
  },
};
