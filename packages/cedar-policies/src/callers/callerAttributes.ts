import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';

/** Reading one takes longer than the rest of a caller. */
const readableAddresses = new LRUCache<string, string>({ max: 10_000 });

/** Of a caller, what policies can read. */
export interface PolicyCaller {
  kind: 'user' | 'service' | 'anonymous';
  /** Random and durable. */
  uuid: string;
  /** Full; policies see that of a service only. */
  entityRef?: string;
  /** Full entity refs of the groups, nested ones too. */
  teams: string[];
  client: { id: string; name: string };
  scopes: ReadonlySet<string>;
  /** What the identity provider said when the user signed in; `authTime` in seconds since the epoch. */
  claims: { amr?: string[]; acr?: string; authTime?: number };
  network: {
    address?: string;
    names: string[];
    device: Record<string, string>;
  };
}

/** What policies can read of a caller at a time: JSON, without anybody's name. */
export interface CallerAttributes {
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
}

/** What policies can read of a caller at a time. */
export function callerAttributes(
  caller: PolicyCaller,
  now: Date,
): CallerAttributes {
  return {
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
  };
}

function claimsOf(
  { amr, acr, authTime }: PolicyCaller['claims'],
  now: Date,
): CallerAttributes['claims'] {
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
  if (!address) {
    return undefined;
  }
  let readable = readableAddresses.get(address);
  if (readable === undefined) {
    const bare = address.replace(/%.*$/, '');
    readable = ipaddr.isValid(bare) ? ipaddr.process(bare).toString() : '';
    readableAddresses.set(address, readable);
  }
  return readable || undefined;
}
