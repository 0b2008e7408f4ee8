import { callerAttributes, callerParts, type PolicyCaller } from '../callers';
import type { PolicyLanguage } from '../PolicyLanguage';
import { neededEntities, picked, roundedNumber } from '../requests';
import { DEFAULT_POLICIES } from '../sources';

const SCHEMA = `
entity Team;
entity User in [Team];
entity Service in [Team] { entityRef?: String };
entity Device tags String;
entity Door { name: String, floor: Long };
action open appliesTo {
  principal: [User, Service],
  resource: [Door],
  context: {
    client: { id: String, name: String },
    scopes: Set<String>,
    claims: { amr: Set<String>, acr?: String, authAgeSeconds?: Long },
    network: { address?: ipaddr, names: Set<String> },
    device: Device,
    time: { now: datetime, hour: Long, weekday: Long },
    visit: { guests: Long }
  }
};`;

/** May somebody open a door? */
export interface DoorQuestion {
  who: PolicyCaller;
  door: { name: string; floor: number };
  /** Not known in lists. */
  guests?: number;
  now: Date;
}

export const ada: PolicyCaller = {
  kind: 'user',
  uuid: '00000000-0000-4000-8000-00000000000a',
  entityRef: 'user:default/ada',
  teams: ['group:default/staff'],
  client: { id: 'badge', name: 'Badge' },
  scopes: new Set(['open']),
  claims: {},
  network: { names: [], device: {} },
};

/** Ada at the front door with nobody, at noon of a Wednesday. */
export function question(changes: Partial<DoorQuestion> = {}): DoorQuestion {
  return {
    who: ada,
    door: { name: 'front', floor: 0 },
    guests: 0,
    now: new Date('2026-11-18T12:00:00Z'),
    ...changes,
  };
}

/** Policies about doors, without approvals. Counts what Cedar is asked. */
export function doorLanguage(): PolicyLanguage<DoorQuestion> & {
  requests: string[];
} {
  const requests: string[] = [];
  return {
    requests,
    schema: () => SCHEMA,
    targetTypes: ['Door'],
    targetNames: ['name'],
    records: ['visit'],
    unknown: ['visit'],
    approvals: false,
    defaultPolicies: () => ({
      name: DEFAULT_POLICIES,
      text: '@id("default-front") permit (principal, action, resource == Door::"front");',
    }),
    toRequest({ who, door, guests, now }, options) {
      const { reads } = options;
      const attributes = callerAttributes(who, now);
      const at = now.toISOString();
      const { principal, context, entities } = callerParts(
        { ...attributes, at },
        options,
      );
      const resource = { type: 'Door', id: door.name };
      const request = {
        principal,
        action: { type: 'Action', id: 'open' },
        resource,
        context: picked(
          {
            ...context,
            visit: picked(
              { guests: roundedNumber(guests, 'visit.guests', reads) },
              reads,
            ),
          },
          reads,
        ),
        entities: neededEntities([
          ...entities,
          { uid: resource, attrs: picked(door, reads), parents: [] },
        ]),
      };
      requests.push(JSON.stringify(request));
      return request;
    },
    refusal: ({ guests = 0 }) => (guests > 99 ? 'Too many guests' : undefined),
    describe: ({ door }) => `the door "${door.name}"`,
    undecidable: 'It could not be decided',
  };
}
