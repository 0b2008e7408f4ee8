import type { McpSession } from '../contenders';
import type { Question, Reading } from './Question';
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
    'prompt-corner': dependentsByPages,
    'mcp-actions': (mcp, ref) => traverseWithActions(mcp, ref, 'dependents', 1),
    direct: (catalog, ref) => traverseDirectly(catalog, ref, 'dependents', 1),
  },
};

const PAGE = 200;

/** Reads page after page, as the answer says to, until there is no more. */
async function dependentsByPages(
  mcp: McpSession,
  ref: string,
): Promise<Reading> {
  const pages: string[] = [];
  for (;;) {
    const text = await mcp.call('get_dependencies', {
      ref,
      direction: 'dependents',
      depth: 1,
      limit: PAGE,
      offset: pages.length * PAGE,
    });
    pages.push(text);
    if (!JSON.parse(text).more) {
      return pages;
    }
  }
}
