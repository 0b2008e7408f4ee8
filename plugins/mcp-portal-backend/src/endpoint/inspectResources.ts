import type { AuditFinding } from '@prompt-corner/plugin-mcp-portal-common';
import type { GuardContext, PortalGuards } from '../guards';

/** A resource, as a server lists it. */
type Resource = Record<string, unknown>;

/** What came of the inspection of a list. */
export interface InspectedResources {
  /** Those that may be shown, without what had to be taken out. */
  shown: Resource[];
  /** How many may not. */
  leftOut: number;
  findings: AuditFinding[];
}

/**
 * Inspects a list of resources of one server, as answers are: nobody has
 * approved their names and descriptions, and they reach the model.
 */
export function inspectResources(
  guards: PortalGuards,
  resources: Resource[],
  context: GuardContext,
): InspectedResources {
  const list = guards.inspectMessage(resources, context);
  const each = list.blocked
    ? resources.map(resource => guards.inspectMessage(resource, context))
    : list.value.map(value => ({ blocked: false, value }));
  const shown = each
    .filter(
      ({ blocked, value }, index) =>
        // Nobody could read one whose URI is another now.
        !blocked && value.uri === resources[index].uri,
    )
    .map(({ value }) => value);
  return {
    shown,
    leftOut: resources.length - shown.length,
    findings: list.findings,
  };
}
