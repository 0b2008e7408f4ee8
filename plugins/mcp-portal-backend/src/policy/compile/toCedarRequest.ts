import type {
  CedarValueJson,
  Context,
  EntityJson,
  StatefulAuthorizationCall,
  TypeAndId,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { ArgumentValue } from '../arguments';
import type { PolicyAttributes } from '../attributes';
import type { LocalTime } from '../LocalTime';
import type { PolicyReads } from './policyReads';

/** What Cedar is asked, but for the policies. The types are those of `policies/schema.cedarschema`. */
export type CedarRequest = Pick<
  StatefulAuthorizationCall,
  'principal' | 'action' | 'resource' | 'context' | 'entities'
>;

const PRINCIPAL_TYPES = {
  user: 'User',
  service: 'Service',
  anonymous: 'Anonymous',
};

/** Types of what is asked about. */
export const TARGET_TYPES = {
  call_tool: 'Tool',
  get_prompt: 'Prompt',
  read_resource: 'Resource',
};

/** Entities of which there is one in a request. */
const ONLY = 'this';

/**
 * Turns what policies can read into a request to Cedar.
 *
 * @param values - of the arguments
 * @param reads - what the policies read; the rest is left out
 */
export function toCedarRequest(
  attributes: PolicyAttributes,
  values: ReadonlyMap<string, ArgumentValue>,
  options: { reads: PolicyReads; localTime: LocalTime },
): CedarRequest {
  const { reads, localTime } = options;
  const { caller, server, action } = attributes;
  const principal = { type: PRINCIPAL_TYPES[caller.kind], id: caller.uuid };
  const resource = {
    type: TARGET_TYPES[action],
    id: `${server.name}/${attributes.target}`,
  };
  const serverUid = { type: 'Server', id: server.name };
  const systems = [
    ...entitiesOf('System', server.system),
    ...entitiesOf('Domain', server.domain),
  ];
  const pick = (from: Record<string, CedarValueJson | undefined>) =>
    picked(from, reads.attributes);
  const parents = (of: TypeAndId[]) =>
    reads.parents
      ? of.filter(({ type, id }) => reads.parents!.has(`${type}::${id}`))
      : of;

  return {
    principal,
    action: { type: 'Action', id: action },
    resource,
    context: pick({
      portal: entity('Portal', attributes.portal),
      client: pick(attributes.client),
      scopes: attributes.scopes,
      claims: pick(attributes.claims),
      network: pick({
        address: attributes.network.address && {
          __extn: { fn: 'ip', arg: attributes.network.address },
        },
        names: attributes.network.names,
      }),
      device: entity('Device', ONLY),
      time: pick({
        now: {
          __extn: { fn: 'datetime', arg: roundedDown(attributes.at, reads) },
        },
        ...(reads.time ? localTime.of(new Date(attributes.at)) : {}),
      }),
      granted: attributes.granted.map(value => entity('ToolClass', value)),
      arguments: pick({
        text: entity('Texts', ONLY),
        numbers: entity('Numbers', ONLY),
        flags: entity('Flags', ONLY),
        lists: entity('Lists', ONLY),
        paths: [...values.keys()],
      }),
    }) as Context,
    entities: [
      {
        uid: principal,
        attrs: pick({ entityRef: caller.entityRef }),
        // Whoever is not signed in is nobody's member.
        parents:
          caller.kind === 'anonymous'
            ? []
            : parents(caller.teams.map(team => ({ type: 'Team', id: team }))),
      },
      {
        uid: resource,
        attrs: pick({
          class:
            attributes.toolClass && entity('ToolClass', attributes.toolClass),
          server: entity('Server', server.name),
          ...(action === 'read_resource'
            ? { uri: attributes.target }
            : { name: attributes.target }),
        }),
        parents: parents([serverUid, ...systems]),
      },
      {
        uid: serverUid,
        attrs: pick({
          name: server.name,
          owner: server.owner && entity('Team', server.owner),
          tags: server.tags,
        }),
        parents: parents(systems),
      },
      tagged('Device', attributes.device),
      ...(reads.arguments ? argumentEntities(values, reads) : []),
    ].filter(needed),
  };
}

function argumentEntities(
  values: ReadonlyMap<string, ArgumentValue>,
  { argumentPaths }: PolicyReads,
): EntityJson[] {
  const tags = {
    text: noTags(),
    number: noTags(),
    flag: noTags(),
    list: noTags(),
  };
  for (const [path, argument] of values) {
    if (argument.kind !== 'other' && argumentPaths?.has(path) !== false) {
      tags[argument.kind][path] = argument.value;
    }
  }
  return [
    tagged('Texts', tags.text),
    tagged('Numbers', tags.number),
    tagged('Flags', tags.flag),
    tagged('Lists', tags.list),
  ];
}

type Tags = Record<string, CedarValueJson>;

/** Without a prototype, so that `__proto__` is a name as any other. */
function noTags(): Tags {
  return Object.create(null);
}

function tagged(type: string, tags: Tags): EntityJson {
  return { uid: { type, id: ONLY }, attrs: {}, parents: [], tags };
}

/**
 * The first moment at which all that the time is compared with gives what it
 * does now, so that answers can be remembered. Cedar counts milliseconds.
 */
function roundedDown(at: string, { moments }: PolicyReads): string {
  if (!moments?.size) {
    return at;
  }
  const now = Date.parse(at);
  let rounded = Math.min(...moments) - 1;
  for (const moment of moments) {
    for (const step of [moment, moment + 1]) {
      if (step <= now && step > rounded) {
        rounded = step;
      }
    }
  }
  return new Date(rounded).toISOString();
}

/** To Cedar, an entity that it does not know has nothing and is in nothing. */
function needed({ attrs, parents, tags = {} }: EntityJson): boolean {
  return [attrs, parents, tags].some(part => Object.keys(part).length > 0);
}

function entity(type: string, id: string): { __entity: TypeAndId } {
  return { __entity: { type, id } };
}

function entitiesOf(type: string, id: string | undefined): TypeAndId[] {
  return id === undefined ? [] : [{ type, id }];
}

/** Cedar knows no undefined. */
function picked(
  from: Record<string, CedarValueJson | undefined>,
  names: ReadonlySet<string> | undefined,
): Record<string, CedarValueJson> {
  const result: Record<string, CedarValueJson> = {};
  for (const [name, value] of Object.entries(from)) {
    if (value !== undefined && (names === undefined || names.has(name))) {
      result[name] = value;
    }
  }
  return result;
}
