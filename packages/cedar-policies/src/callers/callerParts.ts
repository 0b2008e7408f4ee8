import type { EntityJson, TypeAndId } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyReads } from '../reads';
import {
  entity,
  isRead,
  ONLY,
  parentsRead,
  picked,
  roundedDown,
  tagged,
  type LocalTime,
  type Values,
} from '../requests';
import type { CallerAttributes } from './callerAttributes';

const PRINCIPAL_TYPES = {
  user: 'User',
  service: 'Service',
  anonymous: 'Anonymous',
};

/** The parts of a request to Cedar that tell of the caller and the time. */
export interface CallerParts {
  principal: TypeAndId;
  /** Attributes of the context that policies read. */
  context: Values;
  entities: EntityJson[];
}

/**
 * Makes the parts of a request that tell of the caller and the time.
 *
 * @param attributes.at - ISO 8601, UTC
 * @param options.reads - what the policies read
 */
export function callerParts(
  attributes: CallerAttributes & { at: string },
  options: { reads: PolicyReads; localTime: LocalTime },
): CallerParts {
  const { reads } = options;
  const { caller } = attributes;
  const principal = { type: PRINCIPAL_TYPES[caller.kind], id: caller.uuid };
  return {
    principal,
    context: contextOf(attributes, options),
    entities: [
      {
        uid: principal,
        attrs: picked({ entityRef: caller.entityRef }, reads),
        parents:
          // Whoever is not signed in is nobody's member.
          caller.kind === 'anonymous'
            ? []
            : parentsRead(
                caller.teams.map(id => ({ type: 'Team', id })),
                reads,
              ),
      },
      tagged('Device', attributes.device),
    ],
  };
}

/** Made part by part, as most policies read few of them and this runs for each question. */
function contextOf(
  attributes: CallerAttributes & { at: string },
  { reads, localTime }: { reads: PolicyReads; localTime: LocalTime },
): Values {
  const { client, scopes, claims, network, at } = attributes;
  const context: Values = {};
  if (isRead('client', reads)) {
    context.client = picked(client, reads);
  }
  if (isRead('scopes', reads)) {
    context.scopes = scopes;
  }
  if (isRead('claims', reads)) {
    context.claims = picked(claims, reads);
  }
  if (isRead('network', reads)) {
    const { address, names } = network;
    context.network = picked(
      { address: address && { __extn: { fn: 'ip', arg: address } }, names },
      reads,
    );
  }
  if (isRead('device', reads)) {
    context.device = entity('Device', ONLY);
  }
  if (isRead('time', reads)) {
    context.time = picked(
      {
        now: { __extn: { fn: 'datetime', arg: roundedDown(at, reads) } },
        ...localTime.of(new Date(at)),
      },
      reads,
    );
  }
  return context;
}
