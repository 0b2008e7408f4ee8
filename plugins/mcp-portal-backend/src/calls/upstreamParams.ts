import type { ViewedDefinition } from '../views';
import type { PortalCall } from './PortalCall';

/** What a server is sent for a call, by its own names. */
export function upstreamParams(
  call: PortalCall,
  target: ViewedDefinition,
  args: Record<string, unknown>,
): Record<string, unknown> {
  const { round, meta } = call;
  return {
    ...(call.action === 'resources/read'
      ? { uri: target.key }
      : { name: target.key, arguments: args }),
    ...(meta && { _meta: meta }),
    ...(round?.inputResponses && { inputResponses: round.inputResponses }),
    ...(round?.upstreamState && { requestState: round.upstreamState }),
  };
}
