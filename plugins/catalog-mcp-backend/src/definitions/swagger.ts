import { DocumentObject, entriesOf, isObject, objectOf } from './parseDocument';
import { dereference, LocatedValue } from './pointer';
import { lineOf } from './text';

/** What Swagger 2.0 assumes where `consumes` and `produces` say nothing; the specification leaves it open, servers mostly mean JSON. */
const DEFAULT_MEDIA_TYPES = ['application/json'];

/** What a parameter of a form has beside its schema. */
const FORM_PARAMETER_KEYS = new Set([
  'name',
  'in',
  'required',
  'allowEmptyValue',
]);

/**
 * The addresses of a Swagger 2.0 document, one a scheme.
 */
export function swaggerServers(document: DocumentObject): unknown[] {
  const { host, basePath, schemes } = document;
  const path = typeof basePath === 'string' ? basePath : '';
  if (typeof host !== 'string') {
    return path ? [path] : [];
  }
  const known = stringsOf(schemes);
  return (known.length ? known : ['https']).map(
    scheme => `${scheme}://${host}${path}`,
  );
}

/**
 * Parameters and request body of a Swagger 2.0 operation in the shape of OpenAPI 3, so that whoever asks needs to know only one.
 *
 * @param operation - The fields of the operation.
 * @param parameters - Its parameters, those of the path included.
 */
export function swaggerRequest(
  document: DocumentObject,
  operation: DocumentObject,
  parameters: LocatedValue[],
) {
  const plain: LocatedValue[] = [];
  const form: LocatedValue[] = [];
  let body: LocatedValue | undefined;
  for (const parameter of parameters) {
    const resolved = dereference(document, parameter);
    const place = objectOf(resolved.value).in;
    if (place === 'body') {
      body = resolved;
    } else if (place === 'formData') {
      form.push(resolved);
    } else {
      plain.push(parameter);
    }
  }
  const consumes = mediaTypes(operation.consumes ?? document.consumes);
  return { parameters: plain, requestBody: requestBody(consumes, body, form) };
}

/**
 * Responses of a Swagger 2.0 operation in the shape of OpenAPI 3.
 */
export function swaggerResponses(
  document: DocumentObject,
  operation: LocatedValue,
) {
  const produces = mediaTypes(
    objectOf(operation.value).produces ?? document.produces,
  );
  const responses = operation.child('responses');
  const converted = entriesOf(responses.value).map(([status]) => {
    const response = dereference(document, responses.child(status));
    if (!isObject(response.value)) {
      return [status, response];
    }
    const { schema, ...rest } = locatedEntries(response);
    return [
      status,
      schema ? { ...rest, content: contentOf(produces, schema) } : rest,
    ];
  });
  return converted.length ? Object.fromEntries(converted) : undefined;
}

function requestBody(
  consumes: string[],
  body: LocatedValue | undefined,
  form: LocatedValue[],
) {
  if (body) {
    const { description, required, schema } = locatedEntries(body);
    return {
      description,
      required,
      content: contentOf(consumes, schema),
    };
  }
  if (form.length === 0) {
    return undefined;
  }
  const fields = form.map(parameter => locatedEntries(parameter));
  const hasFile = form.some(({ value }) => objectOf(value).type === 'file');
  const mediaType =
    consumes.find(type => type.includes('form')) ??
    (hasFile ? 'multipart/form-data' : 'application/x-www-form-urlencoded');
  const properties = fields.map(field => [
    lineOf(field.name?.value) ?? 'unnamed',
    Object.fromEntries(
      Object.entries(field).filter(([key]) => !FORM_PARAMETER_KEYS.has(key)),
    ),
  ]);
  const required = fields
    .filter(field => field.required?.value === true)
    .map(field => field.name?.value);
  return {
    content: {
      [mediaType]: {
        schema: {
          type: 'object',
          properties: Object.fromEntries(properties),
          required,
        },
      },
    },
  };
}

function contentOf(types: string[], schema: LocatedValue | undefined) {
  return Object.fromEntries(types.map(type => [type, { schema }]));
}

function mediaTypes(value: unknown): string[] {
  const types = stringsOf(value);
  return types.length ? types : DEFAULT_MEDIA_TYPES;
}

function stringsOf(value: unknown): string[] {
  return Array.isArray(value)
    ? value.filter(item => typeof item === 'string')
    : [];
}

function locatedEntries(
  parent: LocatedValue,
): Partial<Record<string, LocatedValue>> {
  return Object.fromEntries(
    entriesOf(parent.value).map(([key]) => [key, parent.child(key)]),
  );
}
