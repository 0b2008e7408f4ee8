import Ajv, { ErrorObject } from 'ajv/dist/2020';
import schema from './opencode-config.schema.json';

/** Something that OpenCode would not accept. */
export interface SchemaFault {
  /** Keys from the top of the configuration. */
  path: string[];
  message: string;
}

/** Version of OpenCode whose schema is used. */
export const OPEN_CODE_SCHEMA_VERSION = schema['x-version'];

const NO_BRANCH = 'is none of what it can be';

const { validate, agentKeys } = compileSchema();

/** Keys that an agent can have; OpenCode gives others to the provider of its model. */
export const AGENT_KEYS: readonly string[] = agentKeys;

/** Keys that a configuration can have. */
export const CONFIG_KEYS: readonly string[] = Object.keys(
  schema.$defs.Config.properties,
);

/**
 * Compares a configuration with the JSON schema of OpenCode.
 *
 * @returns one fault for each place; none when OpenCode accepts the configuration
 */
export function validateOpenCodeConfig(config: object): SchemaFault[] {
  if (validate(config)) {
    return [];
  }
  const messages = new Map<string, Set<string>>();
  for (const error of validate.errors ?? []) {
    const path = placeOf(error);
    const key = JSON.stringify(path);
    messages.set(key, (messages.get(key) ?? new Set()).add(messageOf(error)));
  }
  const paths = [...messages.keys()].map(key => JSON.parse(key) as string[]);
  return (
    paths
      // An alternative that does not fit says less than what is wrong inside of another.
      .filter(
        path =>
          !paths.some(
            deeper =>
              deeper.length > path.length &&
              path.every((part, index) => part === deeper[index]),
          ),
      )
      .map(path => ({
        path,
        message: `${path.join('.')} ${[...messages.get(JSON.stringify(path))!]
          .filter(
            (message, _, all) => message !== NO_BRANCH || all.length === 1,
          )
          .join(', or ')}`,
      }))
  );
}

function compileSchema() {
  const ajv = new Ajv({ strict: false, allErrors: true });
  return {
    validate: ajv.compile(schema),
    agentKeys: Object.keys(schema.$defs.AgentConfig.properties),
  };
}

function placeOf({ instancePath, params, keyword }: ErrorObject): string[] {
  const path = instancePath
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return keyword === 'additionalProperties'
    ? [...path, params.additionalProperty]
    : path;
}

function messageOf({ keyword, params, message }: ErrorObject): string {
  switch (keyword) {
    case 'enum':
      return `has to be one of ${params.allowedValues.join(', ')}`;
    case 'type':
      return `has to be of type ${params.type}`;
    case 'required':
      return `lacks ${params.missingProperty}`;
    case 'additionalProperties':
      return 'is not a key that OpenCode knows';
    case 'anyOf':
    case 'oneOf':
      return NO_BRANCH;
    default:
      return message ?? keyword;
  }
}
