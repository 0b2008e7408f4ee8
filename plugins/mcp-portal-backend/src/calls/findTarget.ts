import type { PortalView, ViewedDefinition } from '../views';
import { CallRefusal } from './CallRefusal';
import type { CallAction, PortalCall } from './PortalCall';

const NOUN: Record<CallAction, string> = {
  'tools/call': 'tool',
  'prompts/get': 'prompt',
  'resources/read': 'resource',
};

/**
 * What a call is about, in the caller's view.
 *
 * @throws CallRefusal when there is no such thing there
 */
export function findTarget(
  call: PortalCall,
  view: PortalView,
): ViewedDefinition {
  const found = targetIn(view, call);
  if (!found) {
    throw new CallRefusal('view', nothingThere(call));
  }
  return found;
}

/** The same for what is hidden as for what there is not. */
export function nothingThere({ action, target }: PortalCall): string {
  return `There is no ${NOUN[action]} "${target}" here`;
}

/** What people have approved, and what the caller has read, was another. */
export function changedMeanwhile({ action, target }: PortalCall): string {
  return `The ${NOUN[action]} "${target}" has changed since this call began. Read its definition again, and make the call anew`;
}

function targetIn(
  view: PortalView,
  call: PortalCall,
): ViewedDefinition | undefined {
  switch (call.action) {
    case 'tools/call':
      return view.tools.get(call.target) ?? view.operations.get(call.target);
    case 'prompts/get':
      return view.prompts.get(call.target);
    default:
      return resourceIn(call, view);
  }
}

/** Resources are content, and not pinned: which ones there are is up to the server. */
function resourceIn(
  call: PortalCall,
  view: PortalView,
): ViewedDefinition | undefined {
  const names = view.servers.map(({ name }) => name);
  const resource = call.portal.naming.resourceOf(call.target, names);
  const server = view.servers.find(({ name }) => name === resource?.server);
  return (
    server &&
    resource && {
      kind: 'resource-template',
      key: resource.uri,
      exposed: call.target,
      pin: '',
      definition: {},
      server,
    }
  );
}
