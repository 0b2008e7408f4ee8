import { InputError } from '@backstage/errors';
import {
  ArgumentNode,
  DirectiveNode,
  FieldDefinitionNode,
  GraphQLError,
  InputValueDefinitionNode,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  isTypeSystemDefinitionNode,
  Kind,
  parse,
  print,
  SchemaDefinitionNode,
  SchemaExtensionNode,
  TypeDefinitionNode,
  TypeExtensionNode,
  TypeNode,
} from 'graphql';
import { clip } from './text';

/** Tokens of a schema; 10 MB of ordinary SDL have about 2 million. */
const MAX_TOKENS = 5_000_000;

/** The scalars every schema has; nobody needs to be told what they are. */
const BUILT_IN_TYPES = new Set(['ID', 'String', 'Int', 'Float', 'Boolean']);

/** What a schema calls its root types unless it says otherwise (GraphQL specification, section 3.3.1). */
const ROOT_TYPES = {
  query: 'Query',
  mutation: 'Mutation',
  subscription: 'Subscription',
} as const;

/** An argument of a field of a root type. */
export interface GraphqlArgument {
  name: string;
  /** As SDL has it, for example "[ID!]!". */
  type: string;
  description?: string;
  /** As SDL has it. */
  defaultValue?: string;
}

/** A field of a root type: an operation. */
export interface GraphqlField {
  name: string;
  type: string;
  description?: string;
  /** The reason, if it is deprecated. */
  deprecated?: string;
  arguments: GraphqlArgument[];
  /** Name of the type of the result, without lists and "!". */
  resultType: string;
  /** Names of the types of the result and of the arguments, the result first. */
  references: string[];
}

/** The fields of a root type. */
export interface GraphqlRoot {
  operation: 'Query' | 'Mutation' | 'Subscription';
  typeName: string;
  fields: GraphqlField[];
}

/** A type with its extensions. */
export interface GraphqlType {
  description?: string;
  /** The text of the document. */
  sdl: string;
  /** Names of the types it names. */
  references: string[];
}

/** What is kept of a schema; much smaller than its syntax tree. */
export interface GraphqlModel {
  description?: string;
  roots: GraphqlRoot[];
  types: Map<string, GraphqlType>;
  /** Names of the types that implement an interface, by its name. */
  implementations: Map<string, string[]>;
}

/**
 * Reads SDL without building an executable schema: building checks rules that do not matter for showing it, and fails on the parts of
 * a federation.
 *
 * @throws InputError when the text is not GraphQL, with line and column.
 */
export function readGraphqlModel(text: string): GraphqlModel {
  const { definitions } = parseSdl(text);
  const schemas = definitions.filter(
    (node): node is SchemaDefinitionNode | SchemaExtensionNode =>
      node.kind === Kind.SCHEMA_DEFINITION ||
      node.kind === Kind.SCHEMA_EXTENSION,
  );
  const types = new Map<string, GraphqlType>();
  const implementations = new Map<string, string[]>();
  const rootNames = rootTypeNames(schemas);
  const roots = new Map<string, GraphqlRoot>(
    [...rootNames].map(([typeName, operation]) => [
      typeName,
      { operation, typeName, fields: [] },
    ]),
  );
  for (const node of definitions) {
    if (isTypeDefinitionNode(node) || isTypeExtensionNode(node)) {
      addType(types, node, text);
      for (const { name } of interfacesOf(node)) {
        const implementing = implementations.get(name.value) ?? [];
        implementing.push(node.name.value);
        implementations.set(name.value, implementing);
      }
      const fields = roots.get(node.name.value)?.fields;
      if (fields && 'fields' in node) {
        node.fields?.forEach(field => {
          if (field.kind === Kind.FIELD_DEFINITION) {
            fields.push(fieldOf(field));
          }
        });
      }
    }
  }
  return {
    description: schemas
      .map(node => ('description' in node ? node.description?.value : ''))
      .find(description => !!description),
    roots: [...roots.values()],
    types,
    implementations,
  };
}

function parseSdl(text: string) {
  try {
    const document = parse(text, { maxTokens: MAX_TOKENS });
    const isSchema = document.definitions.some(
      node => isTypeSystemDefinitionNode(node) || isTypeExtensionNode(node),
    );
    if (isSchema) {
      return document;
    }
  } catch (error) {
    const at = error instanceof GraphQLError ? error.locations?.[0] : undefined;
    const place = at ? ` (line ${at.line}, column ${at.column})` : '';
    const message = error instanceof Error ? error.message : String(error);
    // Not wrapped: the parser's own message may quote any amount of the document.
    throw new InputError(
      `The API definition is not valid GraphQL SDL: ${clip(
        message,
        200,
      )}${place}. Correct spec.definition of the entity`,
    );
  }
  throw new InputError(
    'The API definition is not a GraphQL schema: it has no type definitions. Check spec.type and spec.definition of the entity',
  );
}

function rootTypeNames(
  schemas: (SchemaDefinitionNode | SchemaExtensionNode)[],
): Map<string, GraphqlRoot['operation']> {
  const names = new Map<string, GraphqlRoot['operation']>();
  for (const { operationTypes = [] } of schemas) {
    for (const { operation, type } of operationTypes) {
      names.set(type.name.value, ROOT_TYPES[operation]);
    }
  }
  // `schema @link(…)` without root types is how subgraphs import directives.
  if (names.size === 0) {
    Object.values(ROOT_TYPES).forEach(name => names.set(name, name));
  }
  return names;
}

function addType(
  types: Map<string, GraphqlType>,
  node: TypeDefinitionNode | TypeExtensionNode,
  text: string,
): void {
  const name = node.name.value;
  const sdl = text.slice(node.loc?.start, node.loc?.end);
  const references = referencesOf(node);
  const description =
    'description' in node ? node.description?.value : undefined;
  const known = types.get(name);
  if (known) {
    known.sdl += `\n\n${sdl}`;
    known.references.push(...references);
    known.description ??= description;
  } else {
    types.set(name, { sdl, references, description });
  }
}

function referencesOf(node: TypeDefinitionNode | TypeExtensionNode): string[] {
  const names = new Set<string>();
  interfacesOf(node).forEach(type => names.add(type.name.value));
  if ('types' in node) {
    node.types?.forEach(type => names.add(type.name.value));
  }
  if ('fields' in node) {
    node.fields?.forEach(field => {
      names.add(namedType(field.type));
      if (field.kind === Kind.FIELD_DEFINITION) {
        field.arguments?.forEach(({ type }) => names.add(namedType(type)));
      }
    });
  }
  return withoutBuiltIn(names);
}

function interfacesOf(node: TypeDefinitionNode | TypeExtensionNode) {
  return ('interfaces' in node && node.interfaces) || [];
}

function fieldOf(node: FieldDefinitionNode): GraphqlField {
  const references = new Set([namedType(node.type)]);
  node.arguments?.forEach(({ type }) => references.add(namedType(type)));
  return {
    name: node.name.value,
    type: print(node.type),
    description: node.description?.value,
    deprecated: deprecationOf(node.directives),
    arguments: (node.arguments ?? []).map(argumentOf),
    resultType: namedType(node.type),
    references: withoutBuiltIn(references),
  };
}

function argumentOf(node: InputValueDefinitionNode): GraphqlArgument {
  return {
    name: node.name.value,
    type: print(node.type),
    description: node.description?.value,
    defaultValue: node.defaultValue && print(node.defaultValue),
  };
}

function deprecationOf(
  directives: readonly DirectiveNode[] = [],
): string | undefined {
  const deprecated = directives.find(({ name }) => name.value === 'deprecated');
  if (!deprecated) {
    return undefined;
  }
  const reason = deprecated.arguments?.find(
    ({ name }: ArgumentNode) => name.value === 'reason',
  )?.value;
  return reason?.kind === Kind.STRING
    ? reason.value || 'deprecated'
    : 'deprecated';
}

function namedType(type: TypeNode): string {
  let inner = type;
  while (inner.kind !== Kind.NAMED_TYPE) {
    inner = inner.type;
  }
  return inner.name.value;
}

function withoutBuiltIn(names: Set<string>): string[] {
  return [...names].filter(name => !BUILT_IN_TYPES.has(name));
}
