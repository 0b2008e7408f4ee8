import type { ToolClass } from '@prompt-corner/plugin-mcp-portal-common';
import ipaddr from 'ipaddr.js';
import type { RecordedArguments } from './arguments';
import type { PolicyAction, PolicyQuestion } from './PolicyQuestion';

/**
 * What policies can read of a call but the values of its arguments. JSON, small,
 * and without anybody's name: it goes into audit records, and decisions can be
 * made again from it.
 */
export interface PolicyAttributes extends Partial<RecordedArguments> {
  action: PolicyAction;
  portal: string;
  /** ISO 8601, UTC. */
  at: string;
  caller: {
    kind: 'user' | 'service' | 'anonymous';
    uuid: string;
    /** Of a service. */
    entityRef?: string;
    teams: string[];
  };
  client: { id: string; name: string };
  scopes: string[];
  claims: { amr: string[]; acr?: string; authAgeSeconds?: number };
  network: { address?: string; names: string[] };
  device: Record<string, string>;
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
    caller: {
      kind: caller.kind,
      uuid: caller.uuid,
      ...(caller.kind === 'service' && caller.entityRef
        ? { entityRef: caller.entityRef }
        : {}),
      teams: caller.teams,
    },
    client: { id: caller.client.id, name: caller.client.name },
    scopes: [...caller.scopes],
    claims: claimsOf(caller.claims, now),
    network: {
      address: readableAddress(caller.network.address),
      names: caller.network.names,
    },
    device: caller.network.device,
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

function claimsOf(
  { amr, acr, authTime }: PolicyQuestion['caller']['claims'],
  now: Date,
): PolicyAttributes['claims'] {
  return {
    amr: amr ?? [],
    acr,
    authAgeSeconds: Number.isFinite(authTime)
      ? // Clocks differ by some seconds.
        Math.max(0, Math.floor(now.getTime() / 1000 - authTime!))
      : undefined,
  };
}

/** An address as Cedar reads it: neither an IPv4 address in IPv6 form nor a zone. Undefined when it is none. */
function readableAddress(address: string | undefined): string | undefined {
  const bare = address?.replace(/%.*$/, '');
  return bare && ipaddr.isValid(bare)
    ? ipaddr.process(bare).toString()
    : undefined;
}
