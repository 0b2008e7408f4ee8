import { LRUCache } from 'lru-cache';
import { nameKeyOf } from '@prompt-corner/cedar-policies';
import type { PolicyEngine } from '../PolicyEngine';
import type {
  PolicyAction,
  PolicyCaller,
  PolicyServer,
  PolicyTarget,
} from '../PolicyQuestion';
import { TARGET_TYPES } from '../toCedarRequest';

/** Kept for all callers together; about 30 MB. */
const MAX_DECISIONS = 300_000;

const MINUTE_MS = 60_000;

/** Whether targets are listed, by what policies can read of a target. */
type Decisions = Map<string, boolean>;

/**
 * Tells what of many tools a caller gets to see: those of which some call could be
 * permitted or held. Targets that policies cannot tell apart are decided once, and
 * decisions are kept for as long as nothing changes that policies could read: the
 * policies, the caller, the portal, the server, and, where policies read the time,
 * the minute.
 */
export class ListingDecisions {
  readonly #engine: PolicyEngine;
  readonly #cache = new LRUCache<string, Decisions>({
    maxSize: MAX_DECISIONS,
    sizeCalculation: decisions => decisions.size + 1,
  });

  constructor(options: { engine: PolicyEngine }) {
    this.#engine = options.engine;
    // The time zone may be another one, which the version does not tell.
    options.engine.onChange(() => this.#cache.clear());
  }

  /** Those targets that the caller gets to see, in their order. */
  visible<T extends PolicyTarget>(options: {
    caller: PolicyCaller;
    portal: string;
    action: PolicyAction;
    targets: T[];
    /** Default: the present. */
    now?: Date;
  }): T[] {
    const { targets, now = new Date(), ...rest } = options;
    const key = this.#keyOf(rest, now);
    const decisions: Decisions = this.#cache.get(key) ?? new Map();
    const known = decisions.size;
    const servers = new Map<PolicyServer, string>();

    const visible = targets.filter(target => {
      const targetKey = this.#targetKeyOf(target, rest.action, servers);
      let isVisible = decisions.get(targetKey);
      if (isVisible === undefined) {
        const { effect } = this.#engine.decideListing({ ...rest, target, now });
        isVisible = effect !== 'deny';
        decisions.set(targetKey, isVisible);
      }
      return isVisible;
    });
    if (decisions.size > known) {
      this.#cache.set(key, decisions);
    }
    return visible;
  }

  #keyOf(
    {
      caller,
      portal,
      action,
    }: { caller: PolicyCaller; portal: string; action: PolicyAction },
    now: Date,
  ): string {
    const { reads, version } = this.#engine.current;
    return JSON.stringify([
      version,
      portal,
      action,
      caller.kind,
      caller.uuid,
      caller.entityRef,
      caller.teams,
      caller.client.id,
      caller.client.name,
      [...caller.scopes],
      caller.claims,
      caller.network,
      reads.time ? Math.floor(now.getTime() / MINUTE_MS) : 'any time',
    ]);
  }

  /** @param servers - keys of servers that were made already */
  #targetKeyOf(
    { server, name, toolClass, granted }: PolicyTarget,
    action: PolicyAction,
    servers: Map<PolicyServer, string>,
  ): string {
    const { reads } = this.#engine.current;
    let serverKey = servers.get(server);
    if (serverKey === undefined) {
      serverKey = JSON.stringify(server);
      servers.set(server, serverKey);
    }
    const nameKey = nameKeyOf(name, {
      reads,
      entity: `${TARGET_TYPES[action]}::${server.name}/${name}`,
    });
    return `${toolClass} ${granted?.join() ?? ''} ${serverKey} ${nameKey}`;
  }
}
