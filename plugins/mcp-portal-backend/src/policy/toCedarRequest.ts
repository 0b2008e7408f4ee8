import {
  callerParts,
  entitiesOf,
  entity,
  neededEntities,
  ONLY,
  parentsRead,
  picked,
  tagged,
  type CedarRequest,
  type LocalTime,
  type PolicyReads,
  type Tags,
} from '@prompt-corner/cedar-policies';
import type { ArgumentValue } from './arguments';
import type { PolicyAttributes } from './attributes';

/** Types of what is asked about. */
export const TARGET_TYPES = {
  call_tool: 'Tool',
  get_prompt: 'Prompt',
  read_resource: 'Resource',
};

/**
 * Turns what policies can read into a request to Cedar. The types are those of
 * `policies/schema.cedarschema`.
 *
 * @param asked.values - of the arguments
 * @param options.reads - what the policies read; the rest is left out
 */
export function toCedarRequest(
  asked: {
    attributes: PolicyAttributes;
    values: ReadonlyMap<string, ArgumentValue>;
  },
  options: { reads: PolicyReads; localTime: LocalTime },
): CedarRequest {
  const { attributes, values } = asked;
  const { reads } = options;
  const { server, action } = attributes;
  const { principal, context, entities } = callerParts(attributes, options);
  const resource = {
    type: TARGET_TYPES[action],
    id: `${server.name}/${attributes.target}`,
  };
  const serverUid = { type: 'Server', id: server.name };
  const systems = [
    ...entitiesOf('System', server.system),
    ...entitiesOf('Domain', server.domain),
  ];
  return {
    principal,
    action: { type: 'Action', id: action },
    resource,
    context: picked(
      {
        ...context,
        portal: entity('Portal', attributes.portal),
        granted: attributes.granted.map(value => entity('ToolClass', value)),
        arguments: picked(
          {
            text: entity('Texts', ONLY),
            numbers: entity('Numbers', ONLY),
            flags: entity('Flags', ONLY),
            lists: entity('Lists', ONLY),
            paths: [...values.keys()],
          },
          reads,
        ),
      },
      reads,
    ),
    entities: neededEntities([
      ...entities,
      {
        uid: resource,
        attrs: picked(
          {
            class:
              attributes.toolClass && entity('ToolClass', attributes.toolClass),
            server: entity('Server', server.name),
            ...(action === 'read_resource'
              ? { uri: attributes.target }
              : { name: attributes.target }),
          },
          reads,
        ),
        parents: parentsRead([serverUid, ...systems], reads),
      },
      {
        uid: serverUid,
        attrs: picked(
          {
            name: server.name,
            owner: server.owner && entity('Team', server.owner),
            tags: server.tags,
          },
          reads,
        ),
        parents: parentsRead(systems, reads),
      },
      ...(reads.unknown ? argumentEntities(values, reads) : []),
    ]),
  };
}

function argumentEntities(
  values: ReadonlyMap<string, ArgumentValue>,
  reads: PolicyReads,
): CedarRequest['entities'] {
  const tags = {
    text: noTags(),
    number: noTags(),
    flag: noTags(),
    list: noTags(),
  };
  for (const [path, argument] of values) {
    if (argument.kind !== 'other' && reads.tags?.has(path) !== false) {
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

/** Without a prototype, so that `__proto__` is a name as any other. */
function noTags(): Tags {
  return Object.create(null);
}
