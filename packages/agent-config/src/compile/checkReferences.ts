import { isRecord } from './isRecord';
import type { LayerDraft } from './LayerDraft';

/** Agents that OpenCode brings. */
const BUILT_IN_PRIMARY = ['build', 'plan'];
const BUILT_IN = [...BUILT_IN_PRIMARY, 'general', 'explore'];

type Agents = Record<string, Record<string, unknown>>;

/**
 * Finds names of agents that there are not: OpenCode would say so to each user.
 *
 * @param inherited - agents of the layer below
 */
export function checkReferences(draft: LayerDraft, inherited: Agents): void {
  const { config } = draft.layer;
  const agents: Agents = { ...inherited, ...config.agent };
  const existing = [...new Set([...BUILT_IN, ...Object.keys(agents)])].filter(
    name => agents[name]?.disable !== true,
  );
  const list = (names: string[]) => names.join(', ');

  const first = config.default_agent;
  const primary = existing.filter(name =>
    agents[name]
      ? agents[name].mode !== 'subagent' && agents[name].hidden !== true
      : BUILT_IN_PRIMARY.includes(name),
  );
  if (typeof first === 'string' && !primary.includes(first)) {
    draft.problemAt(
      ['default_agent'],
      `"${first}" is no agent that can be the first; there are ${list(
        primary,
      )}`,
    );
  }
  for (const [name, command] of Object.entries(config.command ?? {})) {
    const agent = isRecord(command) ? command.agent : undefined;
    if (typeof agent === 'string' && !existing.includes(agent)) {
      draft.problemAt(
        ['command', name, 'agent'],
        `there is no agent "${agent}"; there are ${list(existing)}`,
      );
    }
  }
}
