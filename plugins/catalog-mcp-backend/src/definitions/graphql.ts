import { InputError } from '@backstage/errors';
import type { JsonValue } from '@backstage/types';
import { collectTypes } from './breadthFirst';
import {
  GraphqlField,
  GraphqlModel,
  GraphqlRoot,
  GraphqlType,
  readGraphqlModel,
} from './graphqlModel';
import { nameList } from './nameList';
import { OperationIndex } from './operationIndex';
import { clip, clipAsJson, descriptionOf, lineOf } from './text';
import type { ApiDefinition, OperationDetail } from './types';

/** Characters of SDL of reachable types in one answer; with arguments and lists of names it stays within `MAX_DETAIL_CHARACTERS`. */
const MAX_SDL_CHARACTERS = 12_000;

/** Arguments listed; more than a hundred have not been seen in the wild. */
const MAX_ARGUMENTS = 100;

const ADVICE =
  'For a type, ask for its name exactly as the schema has it, for example "Order"';

/**
 * Reads a GraphQL schema in SDL. Parts of one are fine: unknown directives and types, or `extend type Query` without a `type Query`
 * (as in the subgraphs of a federation).
 *
 * @throws InputError when the text cannot be parsed or defines no types.
 */
export function readGraphql(text: string): ApiDefinition {
  const model = readGraphqlModel(text);
  if (model.types.size === 0) {
    throw new InputError(
      'The API definition is not a GraphQL schema: it defines no types. Check spec.type and spec.definition of the entity',
    );
  }
  const operations = new OperationIndex();
  for (const root of model.roots) {
    for (const field of root.fields) {
      addField(operations, model, root, field);
    }
  }
  return {
    format: 'graphql',
    description: descriptionOf(model.description),
    operations: operations.summaries(),
    describeOperation: id => {
      const type = operations.has(id) ? undefined : model.types.get(id);
      return type
        ? describeType(model, id, type)
        : operations.describe(id, ADVICE);
    },
  };
}

function addField(
  operations: OperationIndex,
  model: GraphqlModel,
  root: GraphqlRoot,
  field: GraphqlField,
): void {
  const parameters = field.arguments
    .map(argument => `${argument.name}: ${argument.type}`)
    .join(', ');
  const list = parameters ? `(${parameters})` : '';
  const call = `${field.name}${list}: ${field.type}`;
  const kind = root.operation.toLowerCase();
  operations.add([`${root.operation}.${field.name}`], {
    summary: {
      signature: `${kind} ${call}`,
      summary: lineOf(field.description),
      deprecated: field.deprecated ? true : undefined,
    },
    aliases: [
      field.name,
      `${root.typeName}.${field.name}`,
      `${kind} ${field.name}`,
    ],
    describe: () => describeField(model, field),
  });
}

function describeField(
  model: GraphqlModel,
  field: GraphqlField,
): Pick<OperationDetail, 'description' | 'detail' | 'truncated'> {
  const shownArguments = field.arguments
    .slice(0, MAX_ARGUMENTS)
    .map(({ name, type, description, defaultValue }) => ({
      name: clip(name, 100),
      type: clip(type, 100),
      ...(defaultValue !== undefined && {
        defaultValue: clip(defaultValue, 100),
      }),
      ...(description && { description: clip(description, 200) }),
    }));
  // Many long arguments are cut further, so that there is room for the types.
  while (JSON.stringify(shownArguments).length > 4_000) {
    shownArguments.pop();
  }
  const notes =
    shownArguments.length < field.arguments.length
      ? [
          `Only ${shownArguments.length} of ${field.arguments.length} arguments are listed.`,
        ]
      : [];
  const { types, truncated } = reachableTypes(
    model,
    [
      ...field.references,
      // What a caller selects from of an interface: the types behind it.
      ...(model.implementations.get(field.resultType) ?? []),
    ],
    notes,
  );
  return {
    description: descriptionOf(field.description),
    detail: {
      arguments: shownArguments,
      returns: clip(field.type, 200),
      ...(field.deprecated && {
        deprecated: clipAsJson(field.deprecated, 200),
      }),
      ...types,
    },
    truncated,
  };
}

function describeType(
  model: GraphqlModel,
  name: string,
  type: GraphqlType,
): OperationDetail {
  const isLong = sizeOf(type.sdl) > MAX_SDL_CHARACTERS;
  const { types, truncated } = isLong
    ? {
        types: { sdl: clipAsJson(type.sdl, MAX_SDL_CHARACTERS) },
        truncated: `Only the beginning of the type is shown, it has ${type.sdl.length} characters; spec.definition of the entity has the rest.`,
      }
    : reachableTypes(model, [name], []);
  const description = descriptionOf(type.description);
  return {
    id: name,
    signature: `type ${clip(name, 300)}`,
    ...(description && { description }),
    detail: types,
    ...(truncated && { truncated }),
  };
}

function reachableTypes(
  model: GraphqlModel,
  roots: string[],
  notes: string[],
): { types: Record<string, JsonValue>; truncated?: string } {
  const collected = collectTypes(
    roots,
    name => {
      const type = model.types.get(name);
      return (
        type && {
          shown: type.sdl,
          size: sizeOf(type.sdl),
          references: type.references,
        }
      );
    },
    MAX_SDL_CHARACTERS,
  );
  const messages = [...notes];
  if (collected.omitted.length) {
    messages.push(
      'The types in omittedTypes were left out to keep the answer short; ask for one by its name.',
    );
  }
  return {
    types: {
      sdl: [...collected.included.values()].join('\n\n'),
      ...nameList('omittedTypes', collected.omitted),
      ...nameList('undefinedTypes', collected.unknown),
    },
    truncated: messages.length ? messages.join(' ') : undefined,
  };
}

/** Measured as it is sent: line ends and quotes take two characters in JSON; so do the two line ends between types. */
function sizeOf(sdl: string): number {
  return JSON.stringify(sdl).length + 4;
}
