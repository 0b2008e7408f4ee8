import type { JsonObject, JsonValue } from '@backstage/types';
import type { Method, Service } from 'protobufjs';
import { collectTypes } from './breadthFirst';
import {
  commentOf,
  deprecationOf,
  GrpcModel,
  methodOptions,
  readGrpcModel,
  resolveTypeName,
  showType,
} from './grpcModel';
import { nameList } from './nameList';
import { OperationIndex } from './operationIndex';
import { clip, lineOf } from './text';
import type { ApiDefinition, OperationDetail } from './types';

/** Characters of the types in one answer; with options and lists of names it stays within `MAX_DETAIL_CHARACTERS`. */
const MAX_TYPES_CHARACTERS = 14_000;

const ADVICE =
  'For a message or enum, ask for its full name, for example "refunds.v1.Refund"';

/**
 * Reads a proto2 or proto3 file. What it imports is not fetched.
 *
 * @throws InputError when the text cannot be parsed or declares nothing.
 */
export function readGrpc(text: string): ApiDefinition {
  const model = readGrpcModel(text);
  const operations = new OperationIndex();
  for (const [serviceName, service] of model.services) {
    for (const method of service.methodsArray) {
      addMethod(operations, model, serviceName, service, method);
    }
  }
  return {
    format: 'grpc',
    title: lineOf(model.packageName),
    operations: operations.summaries(),
    describeOperation: id =>
      model.types.has(id) && !operations.has(id)
        ? describeType(model, id)
        : operations.describe(id, ADVICE),
  };
}

function addMethod(
  operations: OperationIndex,
  model: GrpcModel,
  serviceName: string,
  service: Service,
  method: Method,
): void {
  const { name, requestType, responseType } = method;
  const request = `${method.requestStream ? 'stream ' : ''}${requestType}`;
  const response = `${method.responseStream ? 'stream ' : ''}${responseType}`;
  const id = `${serviceName}/${name}`;
  operations.add([id], {
    summary: {
      signature: `rpc ${name}(${request}) returns (${response})`,
      summary: lineOf(method.comment),
      deprecated:
        deprecationOf(method.options).deprecated ??
        deprecationOf(service.options).deprecated,
    },
    aliases: [
      name,
      `rpc ${name}`,
      `${service.name}/${name}`,
      `${service.name}.${name}`,
      `${serviceName}.${name}`,
      // The path of the HTTP/2 request.
      `/${id}`,
    ],
    describe: () => describeMethod(model, serviceName, method),
  });
}

function describeMethod(
  model: GrpcModel,
  serviceName: string,
  method: Method,
): Pick<OperationDetail, 'description' | 'detail' | 'truncated'> {
  const request = resolveTypeName(model, serviceName, method.requestType);
  const response = resolveTypeName(model, serviceName, method.responseType);
  const { types, truncated } = reachableTypes(model, [request, response]);
  return {
    ...commentOf(method.comment),
    detail: {
      service: clip(serviceName, 500),
      request: clip(request, 500),
      requestStream: method.requestStream === true,
      response: clip(response, 500),
      responseStream: method.responseStream === true,
      ...methodOptions(method),
      ...types,
    },
    truncated,
  };
}

function describeType(model: GrpcModel, name: string): OperationDetail {
  const type = showType(model, name);
  const { types, truncated } =
    type && type.size > MAX_TYPES_CHARACTERS
      ? beginningOf(name, type.shown)
      : reachableTypes(model, [name]);
  const description = type?.shown.description;
  return {
    id: name,
    signature: `${type?.shown.kind} ${clip(name, 300)}`,
    ...(typeof description === 'string' && { description }),
    detail: types,
    ...(truncated && { truncated }),
  };
}

function reachableTypes(
  model: GrpcModel,
  roots: string[],
): { types: JsonObject; truncated?: string } {
  const { included, omitted, unknown } = collectTypes(
    roots,
    name => showType(model, name),
    MAX_TYPES_CHARACTERS,
  );
  return {
    types: {
      types: Object.fromEntries(included),
      ...nameList('omittedTypes', omitted),
      ...nameList('importedTypes', unknown),
    },
    truncated: omitted.length
      ? 'The types in omittedTypes were left out to keep the answer short; ask for one by its name.'
      : undefined,
  };
}

/** The first fields or values of a type that is too long on its own. */
function beginningOf(name: string, shown: JsonObject) {
  const key = shown.kind === 'enum' ? 'values' : 'fields';
  const all = Array.isArray(shown[key]) ? shown[key] : [];
  const first: JsonValue[] = [];
  let remaining = MAX_TYPES_CHARACTERS;
  for (const entry of all) {
    remaining -= JSON.stringify(entry).length + 1;
    if (remaining < 0) {
      break;
    }
    first.push(entry);
  }
  return {
    types: { types: { [clip(name, 300)]: { ...shown, [key]: first } } },
    truncated: `Only the first ${first.length} of ${all.length} ${key} are shown; spec.definition of the entity has the rest.`,
  };
}
