import type { ModelDecision } from '@prompt-corner/plugin-ai-proxy-common';

/**
 * What a client is told, and usage records, when policy says no.
 *
 * @returns undefined when it says yes
 */
export function refusalOf({
  effect,
  policies,
  reason,
}: ModelDecision): { reason: string; message: string } | undefined {
  return effect === 'permit'
    ? undefined
    : {
        reason: policies.length > 0 ? `policy:${policies[0]}` : 'policy',
        message: `${reason}. Ask for another model, or the administrators of the portal`,
      };
}
