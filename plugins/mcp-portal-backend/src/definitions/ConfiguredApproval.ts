import type { ToolClass } from '@prompt-corner/plugin-mcp-portal-common';
import type { SnapshotDefinition } from './ServerSnapshot';
import { suggestedClass } from './suggestedClass';

/** What the configuration approves of a server. Its merge review is the second person. */
export interface ConfiguredApproval {
  /** Classes by name of tool. */
  classes: Record<string, ToolClass>;
  /** Class of the other tools; `suggested` takes the server's word for it. */
  defaultClass: ToolClass | 'suggested';
  /** Pins by name of tool: such a tool is approved in exactly this form. */
  pins: Record<string, string>;
}

/** The class that the configuration gives a definition; only tools have one. */
export function configuredClass(
  approval: ConfiguredApproval,
  {
    kind,
    key,
    definition,
  }: Pick<SnapshotDefinition, 'kind' | 'key' | 'definition'>,
): ToolClass | undefined {
  if (kind !== 'tool') {
    return undefined;
  }
  if (Object.hasOwn(approval.classes, key)) {
    return approval.classes[key];
  }
  return approval.defaultClass === 'suggested'
    ? suggestedClass(definition)
    : approval.defaultClass;
}

/**
 * Whether the configuration approves a definition that nobody has decided on.
 *
 * @param trusted - whether everything of this snapshot is trusted because it is the first one
 */
export function isApprovedByConfiguration(
  approval: ConfiguredApproval,
  definition: Pick<SnapshotDefinition, 'kind' | 'key' | 'pin'> & {
    critical: boolean;
  },
  trusted: boolean,
): boolean {
  const { kind, key, pin, critical } = definition;
  if (kind === 'tool' && Object.hasOwn(approval.pins, key)) {
    return approval.pins[key] === pin;
  }
  return trusted && !critical;
}
