import { InputError } from '@backstage/errors';
import { describePointer, isPointer, POINTER_ADVICE } from './describePointer';
import { OperationIndex } from './operationIndex';
import {
  DocumentObject,
  entriesOf,
  isObject,
  objectOf,
  ownValue,
  parseDocument,
} from './parseDocument';
import { dereference, LocatedValue } from './pointer';
import { renderResolved } from './renderResolved';
import { swaggerRequest, swaggerResponses, swaggerServers } from './swagger';
import { descriptionOf, labelsOf, lineOf } from './text';
import type { ApiDefinition } from './types';

/** The fixed methods of a path item; "query" came with OpenAPI 3.2. */
const METHODS = new Set([
  'get',
  'put',
  'post',
  'delete',
  'options',
  'head',
  'patch',
  'trace',
  'query',
]);

/**
 * Reads an OpenAPI document, version 2.0 (Swagger) to 3.2, JSON or YAML.
 *
 * @throws InputError when the text cannot be parsed or is not OpenAPI.
 */
export function readOpenApi(text: string): ApiDefinition {
  const document = parseDocument(text);
  if (document.openapi === undefined && document.swagger === undefined) {
    throw new InputError(
      'The API definition is not OpenAPI: it has neither a field "openapi" nor "swagger". Check spec.type and spec.definition of the entity',
    );
  }
  const operations = new OperationIndex();
  addPathItems(operations, document, 'paths');
  addPathItems(operations, document, 'webhooks');
  const info = objectOf(document.info);
  return {
    format: 'openapi',
    title: lineOf(info.title),
    version: lineOf(info.version),
    description: descriptionOf(info.description),
    servers: labelsOf(
      isSwagger(document)
        ? swaggerServers(document)
        : serverUrls(document.servers),
    ),
    operations: operations.summaries(),
    describeOperation: id =>
      isPointer(id) && !operations.has(id)
        ? describePointer(document, id)
        : operations.describe(id, POINTER_ADVICE),
  };
}

function isSwagger(document: DocumentObject): boolean {
  return document.openapi === undefined;
}

function serverUrls(servers: unknown): unknown[] {
  return Array.isArray(servers)
    ? servers.map(server => objectOf(server).url)
    : [];
}

function addPathItems(
  operations: OperationIndex,
  document: DocumentObject,
  section: 'paths' | 'webhooks',
): void {
  const paths = new LocatedValue(document[section], `#/${section}`);
  for (const [path] of entriesOf(paths.value)) {
    const pathItem = dereference(document, paths.child(path));
    for (const [key, operation] of entriesOf(pathItem.value)) {
      const method = key.toLowerCase();
      if (METHODS.has(method) && isObject(operation)) {
        addOperation(operations, document, {
          section,
          path,
          method: method.toUpperCase(),
          pathItem,
          operation: pathItem.child(key),
        });
      }
    }
  }
}

interface LocatedOperation {
  section: 'paths' | 'webhooks';
  path: string;
  method: string;
  pathItem: LocatedValue;
  operation: LocatedValue;
}

function addOperation(
  operations: OperationIndex,
  document: DocumentObject,
  located: LocatedOperation,
): void {
  const { section, path, method } = located;
  const fields = objectOf(located.operation.value);
  const isPath = section === 'paths';
  const signature = isPath ? `${method} ${path}` : `webhook ${method} ${path}`;
  operations.add([lineOf(fields.operationId), signature], {
    summary: {
      signature,
      summary: lineOf(fields.summary) ?? lineOf(fields.description),
      tags: Array.isArray(fields.tags) ? labelsOf(fields.tags) : undefined,
      deprecated: fields.deprecated === true ? true : undefined,
    },
    aliases: [path],
    path: isPath ? path : undefined,
    describe: () => {
      const { value, truncated } = renderResolved(
        document,
        detailOf(document, located),
      );
      return {
        description: descriptionOf(fields.description),
        detail: value,
        truncated,
      };
    },
  });
}

function detailOf(document: DocumentObject, located: LocatedOperation) {
  const { path, method, pathItem, operation } = located;
  const fields = objectOf(operation.value);
  const parameters = mergedParameters(document, pathItem, operation);
  const shared = {
    method,
    path,
    servers: serverUrls(fields.servers ?? objectOf(pathItem.value).servers),
    ...securityOf(document, fields.security ?? document.security),
  };
  const contents = isSwagger(document)
    ? {
        ...swaggerRequest(document, fields, parameters),
        responses: swaggerResponses(document, operation),
      }
    : {
        parameters,
        requestBody: operation.child('requestBody'),
        responses: operation.child('responses'),
        callbacks: operation.child('callbacks'),
      };
  return withoutEmpty({ ...shared, ...contents });
}

/** Parameters of the operation and those of its path that it does not override (same name and place). */
function mergedParameters(
  document: DocumentObject,
  pathItem: LocatedValue,
  operation: LocatedValue,
): LocatedValue[] {
  const merged = new Map<string, LocatedValue>();
  for (const owner of [pathItem, operation]) {
    const list = owner.child('parameters');
    const length = Array.isArray(list.value) ? list.value.length : 0;
    for (let index = 0; index < length; index++) {
      const parameter = list.child(index);
      const { name, in: place } = objectOf(
        dereference(document, parameter).value,
      );
      // What cannot be read (a reference to elsewhere) cannot be overridden either.
      const key =
        typeof name === 'string' && typeof place === 'string'
          ? `${place} ${name}`
          : parameter.pointer;
      merged.set(key, parameter);
    }
  }
  return [...merged.values()];
}

/** The security requirements and, since they are only names, the schemes behind them. */
function securityOf(document: DocumentObject, security: unknown) {
  if (!Array.isArray(security)) {
    return {};
  }
  const schemes = isSwagger(document)
    ? new LocatedValue(document.securityDefinitions, '#/securityDefinitions')
    : new LocatedValue(document.components, '#/components').child(
        'securitySchemes',
      );
  const names = new Set(
    security.flatMap(requirement =>
      isObject(requirement) ? Object.keys(requirement) : [],
    ),
  );
  const used = [...names]
    .filter(name => ownValue(schemes.value, name) !== undefined)
    .map(name => [name, schemes.child(name)]);
  return { security, securitySchemes: Object.fromEntries(used) };
}

/** An empty list of parameters or servers says nothing. */
function withoutEmpty(sections: Record<string, unknown>) {
  return Object.fromEntries(
    Object.entries(sections).filter(
      ([, section]) => !Array.isArray(section) || section.length > 0,
    ),
  );
}
