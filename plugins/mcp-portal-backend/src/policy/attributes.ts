import {
  callerAttributes,
  type CallerAttributes,
} from '@prompt-corner/cedar-policies';
import type { ToolClass } from '@prompt-corner/plugin-mcp-portal-common';
import type { RecordedArguments } from './arguments';
import type { PolicyAction, PolicyQuestion } from './PolicyQuestion';

/**
 * What policies can read of a call but the values of its arguments. JSON, small,
 * and without anybody's name: it goes into audit records, and decisions can be
 * made again from it.
 */
export interface PolicyAttributes
  extends CallerAttributes,
    Partial<RecordedArguments> {
  action: PolicyAction;
  portal: string;
  /** ISO 8601, UTC. */
  at: string;
  granted: ToolClass[];
  server: {
    name: string;
    entityRef: string;
    /** When it is a group. */
    owner?: string;
    system?: string;
    domain?: string;
    tags: string[];
  };
  /** Name of the tool or prompt, URI of the resource. */
  target: string;
  toolClass?: ToolClass;
}

/** What policies can read of a question. */
export function attributesOf(
  question: PolicyQuestion,
  now: Date,
): PolicyAttributes {
  const { caller, target, action } = question;
  const { server } = target;
  return {
    action,
    portal: question.portal,
    at: now.toISOString(),
    ...callerAttributes(caller, now),
    granted: target.granted ?? [],
    server: {
      name: server.name,
      entityRef: server.entityRef,
      // An owner who is a person stays out of records, and would be no team.
      owner: server.owner?.startsWith('group:') ? server.owner : undefined,
      system: server.system,
      domain: server.domain,
      tags: server.tags,
    },
    target: target.name,
    toolClass:
      action === 'call_tool' ? target.toolClass ?? 'destructive' : undefined,
  };
}
