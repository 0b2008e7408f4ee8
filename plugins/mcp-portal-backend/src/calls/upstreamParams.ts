import type { ViewedDefinition } from '../views';
import type { OutgoingContent } from './CallInspection';
import type { PortalCall } from './PortalCall';

/** What a server is sent for a call, by its own names. */
export function upstreamParams(
  call: PortalCall,
  target: ViewedDefinition,
  { arguments: args, ...more }: OutgoingContent,
): Record<string, unknown> {
  const state = call.round?.upstreamState;
  return {
    ...(call.action === 'resources/read'
      ? { uri: target.key }
      : { name: target.key, arguments: args }),
    ...more,
    ...(state && { requestState: state }),
  };
}
