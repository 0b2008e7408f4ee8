import { InputError } from '@backstage/errors';
import type { JsonObject, JsonValue } from '@backstage/types';
import {
  Enum,
  Field,
  MapField,
  Method,
  Namespace,
  parse,
  Service,
  Type,
} from 'protobufjs';
import type { ShownType } from './breadthFirst';
import { KeyCache, jsonSize } from './jsonSize';
import { clip, lineOf } from './text';

/** Options of one method that are shown (for example its HTTP binding), characters of JSON. */
const MAX_OPTIONS_CHARACTERS = 1_000;

/** The types that need no definition. */
const SCALAR_TYPES = new Set([
  'double',
  'float',
  'int32',
  'int64',
  'uint32',
  'uint64',
  'sint32',
  'sint64',
  'fixed32',
  'fixed64',
  'sfixed32',
  'sfixed64',
  'bool',
  'string',
  'bytes',
]);

/** What a proto file declares, by full name without a leading dot. */
export interface GrpcModel {
  packageName?: string;
  services: Map<string, Service>;
  types: Map<string, Type | Enum>;
}

/**
 * Reads a proto2 or proto3 file. Imports are not fetched; names from them stay unresolved.
 *
 * @throws InputError when the text cannot be parsed, with the line.
 */
export function readGrpcModel(text: string): GrpcModel {
  const { root, package: packageName } = parseProto(text);
  const services = new Map<string, Service>();
  const types = new Map<string, Type | Enum>();
  const waiting: { name: string; namespace: Namespace }[] = [
    { name: '', namespace: root },
  ];
  // A stack and not recursion: a package name may have any number of parts.
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    for (const nested of next.namespace.nestedArray) {
      const name = next.name ? `${next.name}.${nested.name}` : nested.name;
      if (nested instanceof Service) {
        services.set(name, nested);
      } else if (nested instanceof Type || nested instanceof Enum) {
        types.set(name, nested);
      }
      if (nested instanceof Namespace) {
        waiting.push({ name, namespace: nested });
      }
    }
  }
  if (services.size === 0 && types.size === 0) {
    throw new InputError(
      'The API definition is not a proto file: it declares no services, messages or enums. Check spec.type and spec.definition of the entity',
    );
  }
  return { packageName, services, types };
}

/**
 * The full name of a type as the protobuf scoping rules find it: in the scope that names it, else in the ones around that. A name
 * that is not in the model stays as it is written, without a leading dot.
 *
 * Not `Namespace.lookup` of protobufjs: that also searches all scopes below, and so finds a type of the same name elsewhere.
 */
export function resolveTypeName(
  model: GrpcModel,
  scope: string,
  name: string,
): string {
  if (name.startsWith('.')) {
    return name.slice(1);
  }
  let around = scope;
  while (around) {
    const candidate = `${around}.${name}`;
    if (model.types.has(candidate)) {
      return candidate;
    }
    around = around.slice(0, Math.max(around.lastIndexOf('.'), 0));
  }
  return name;
}

/**
 * Shows a message or an enum; `undefined` when the model has none of that name.
 */
export function showType(
  model: GrpcModel,
  name: string,
): ShownType<JsonObject> | undefined {
  const type = model.types.get(name);
  if (!type) {
    return undefined;
  }
  const references = new Set<string>();
  const shown: JsonObject = {
    kind: type instanceof Enum ? 'enum' : 'message',
    ...commentOf(type.comment),
    ...deprecationOf(type.options),
    ...(type instanceof Enum
      ? { values: valuesOf(type) }
      : {
          fields: type.fieldsArray.map(field =>
            fieldOf(model, name, field, references),
          ),
        }),
  };
  return {
    shown,
    size: JSON.stringify(shown).length + JSON.stringify(name).length + 2,
    references: [...references],
  };
}

/**
 * A comment of a proto file as the description of what it stands at.
 */
export function commentOf(comment: string | null): { description?: string } {
  const description = comment?.trim();
  return description ? { description: clip(description, 500) } : {};
}

/**
 * `{ deprecated: true }` for what is marked so, else nothing.
 */
export function deprecationOf(
  options: { [name: string]: unknown } | undefined,
): {
  deprecated?: true;
} {
  return options?.deprecated === true ? { deprecated: true } : {};
}

/**
 * The options of a method other than `deprecated`, for example its HTTP binding; nothing when there are none, or they are too long.
 */
export function methodOptions(method: Method): { options?: JsonValue } {
  // The declared type lacks the list that the parser really leaves here.
  const all: unknown = method.parsedOptions;
  const options = (Array.isArray(all) ? all : []).filter(
    option => lineOf(Object.keys(Object(option))[0]) !== 'deprecated',
  );
  const fits =
    jsonSize(options, MAX_OPTIONS_CHARACTERS, new KeyCache()) !== Infinity;
  return options.length && fits
    ? { options: JSON.parse(JSON.stringify(options)) }
    : {};
}

function parseProto(text: string) {
  try {
    // Most proto files are commented with "//", which only the alternate mode reads.
    return parse(text, { keepCase: true, alternateCommentMode: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Not wrapped: the parser's own message may quote any amount of the document.
    throw new InputError(
      `The API definition is not a valid proto file: ${clip(
        message,
        200,
      )}. Correct spec.definition of the entity`,
    );
  }
}

function fieldOf(
  model: GrpcModel,
  scope: string,
  field: Field,
  references: Set<string>,
): JsonObject {
  const type = resolveTypeName(model, scope, field.type);
  if (!SCALAR_TYPES.has(type)) {
    references.add(type);
  }
  const isOptional = field.options?.proto3_optional === true;
  return {
    name: field.name,
    number: field.id,
    type: field instanceof MapField ? `map<${field.keyType}, ${type}>` : type,
    ...(field.repeated && { repeated: true }),
    // `field.required` works only once all imports are resolved.
    ...(field.rule === 'required' && { required: true }),
    ...(isOptional && { optional: true }),
    // An optional field of proto3 is the only one of a oneof that protobufjs makes up.
    ...(field.partOf && !isOptional && { oneof: field.partOf.name }),
    ...deprecationOf(field.options),
    ...commentOf(field.comment),
  };
}

function valuesOf(type: Enum): JsonObject[] {
  return Object.entries(type.values).map(([name, number]) => ({
    name,
    number,
    ...commentOf(type.comments[name] ?? null),
  }));
}
