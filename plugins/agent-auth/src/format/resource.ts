import {
  ResourceKind,
  resourceTypes,
} from '@prompt-corner/plugin-agent-auth-common';

/** Names a resource; a portal by its own name too. */
export function describeResource(resource: {
  kind: ResourceKind;
  portal?: string;
}): string {
  const title =
    resourceTypes.find(type => type.kind === resource.kind)?.title ??
    resource.kind;
  return resource.portal ? `${title} “${resource.portal}”` : title;
}

/**
 * Names a scope of a resource.
 *
 * @returns its title and whether it changes anything; an unknown one by its own
 *   name and, to be safe, as one that does
 */
export function describeScope(
  kind: ResourceKind,
  name: string,
): { title: string; write: boolean } {
  const scope = resourceTypes
    .find(type => type.kind === kind)
    ?.scopes.find(candidate => candidate.name === name);
  return scope ?? { title: name, write: true };
}
