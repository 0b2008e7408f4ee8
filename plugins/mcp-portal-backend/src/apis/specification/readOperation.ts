import { isRecord } from '../../json/isRecord';
import type {
  ApiOperation,
  ApiParameter,
  SecurityRequirement,
} from './ApiOperation';
import type { ContentDigests } from './ContentDigests';
import { smallSchema } from './inputSchema';
import type { OpenApiDocument } from './parseSpecification';
import { PathTemplate } from './PathTemplate';
import { resolved, resolvedRecord } from './references';

/** Methods of operations that are requests of code; `options` and `trace` say nothing of the API. */
export const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete'];

const READING = new Set(['GET', 'HEAD']);
const MAX_TEXT = 600;

/** Bodies that can be written, best first. */
const BODY_TYPES = [
  /^application\/json\b/i,
  /^application\/[\w.+-]+\+json\b/i,
  /^application\/x-www-form-urlencoded\b/i,
  /^text\//i,
  /^\*\/\*$|^application\/\*$/,
];

/** Headers that are the portal's or the connection's, whatever a description says. */
const RESERVED_HEADER =
  /^(authorization|cookie|host|connection|content-.*|transfer-encoding|te|trailer|upgrade|expect|keep-alive|forwarded|proxy-.*|x-forwarded-.*|x-real-ip|x-original-.*|x-rewrite-.*|x-http-method.*|x-method-override|accept-encoding)$/i;

/** RFC 9110, section 5.1. */
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;

/** Where an operation is. */
interface Place {
  document: OpenApiDocument;
  digests: ContentDigests;
  /** Its path, as it is in the document. */
  path: string;
  /** What is there for all methods of the path. */
  item: Record<string, unknown>;
  method: string;
}

/**
 * Reads an operation. Whoever wrote the description may mean harm.
 *
 * @throws Error that says why it cannot be called
 */
export function readOperation(place: Place): ApiOperation {
  const { document, digests, path, item } = place;
  const operation = resolvedRecord(document, item[place.method]);
  const method = place.method.toUpperCase();
  const declared = declaredParameters(document, item, operation);
  const inPath = declared.filter(({ in: where }) => where === 'path');
  const template = new PathTemplate(
    path,
    inPath.find(parameter => parameter['x-multi-segment'] === true)
      ?.name as string,
  );
  const parameters = declared.flatMap(apiParameter);
  const body = bodyOf(document, operation);
  const security = securityOf(document, operation);
  const others = Object.entries(item).filter(
    ([name]) => !METHODS.includes(name),
  );
  const contentDigest = digests.of({
    item: Object.fromEntries(others),
    // With what stands beside a `$ref`, which code sees as well.
    operation: item[place.method],
    security,
  });
  const key = `${method} ${path}`;
  const title = [operation.operationId, operation.summary]
    .filter(text => typeof text === 'string')
    .join(': ');
  const text = [title, textOf(operation.description)]
    .filter(Boolean)
    .join('. ')
    .slice(0, MAX_TEXT);
  return {
    key,
    method,
    template,
    parameters,
    bodyType: body?.type,
    bodyProperties: body?.properties ?? new Set(),
    security,
    contentDigest,
    group: groupOf(operation),
    text,
    definition: {
      name: key,
      // What search shows to code, so that it is screened, and approvers read it.
      description: text,
      inputSchema: inputSchemaOf(place, template, declared, body),
      annotations: {
        readOnlyHint: READING.has(method),
        destructiveHint: method === 'DELETE',
      },
      contentDigest,
    },
  };
}

function declaredParameters(
  document: OpenApiDocument,
  item: Record<string, unknown>,
  operation: Record<string, unknown>,
): Array<Record<string, unknown>> {
  const listed = [item.parameters, operation.parameters].flatMap(list =>
    Array.isArray(list) ? list : [],
  );
  // Those of the operation win.
  const byName = new Map(
    listed
      .map(value => resolvedRecord(document, value))
      .filter(({ name }) => typeof name === 'string' && name !== '__proto__')
      .map(parameter => [`${parameter.in} ${parameter.name}`, parameter]),
  );
  return [...byName.values()];
}

function apiParameter(parameter: Record<string, unknown>): ApiParameter[] {
  const { name, in: where, style, explode, required } = parameter;
  if (
    (where !== 'query' && where !== 'header') ||
    (where === 'header' && !isSendable(String(name)))
  ) {
    return [];
  }
  const used =
    where === 'header' ? 'simple' : (style as ApiParameter['style']) ?? 'form';
  return [
    {
      name: String(name),
      in: where,
      required: required === true,
      style: used,
      explode: typeof explode === 'boolean' ? explode : used === 'form',
      isJson: isRecord(parameter.content),
    },
  ];
}

/** What no header can be called would fail as if the API had. */
function isSendable(header: string): boolean {
  return HEADER_NAME.test(header) && !RESERVED_HEADER.test(header);
}

function bodyOf(document: OpenApiDocument, operation: Record<string, unknown>) {
  const body = resolvedRecord(document, operation.requestBody);
  const content = isRecord(body.content) ? body.content : undefined;
  if (!content) {
    return undefined;
  }
  const types = Object.keys(content).filter(name =>
    /^[\x20-\x7e]+$/.test(name),
  );
  const type = BODY_TYPES.map(pattern =>
    types.find(name => pattern.test(name)),
  ).find(name => name !== undefined);
  if (type === undefined) {
    // Files and the like: it can be called without a body only.
    return undefined;
  }
  const media = resolvedRecord(document, content[type]);
  const schema = resolvedRecord(document, media.schema);
  return {
    type: type.includes('*') ? 'application/json' : type,
    schema: media.schema,
    required: body.required === true,
    properties: new Set(
      isRecord(schema.properties) ? Object.keys(schema.properties) : [],
    ),
  };
}

/** Of security schemes that are no OAuth. */
const OTHER_SCHEMES: unknown[] = ['apiKey', 'http', 'mutualTLS'];

/**
 * The ways to be allowed by OAuth, or by nothing; other keys are not what users
 * grant. A scheme that is not described may be OAuth.
 *
 * @throws Error when it cannot be read: what a user did not grant would be sent
 */
function securityOf(
  document: OpenApiDocument,
  operation: Record<string, unknown>,
): SecurityRequirement[] {
  const { securitySchemes } = resolvedRecord(document, document.components);
  const isOAuth = (name: string) => {
    const { type } =
      isRecord(securitySchemes) && Object.hasOwn(securitySchemes, name)
        ? resolvedRecord(document, securitySchemes[name])
        : {};
    return !OTHER_SCHEMES.includes(type);
  };
  const wanted = operation.security ?? document.security ?? [];
  if (
    !Array.isArray(wanted) ||
    !wanted.every(
      requirement =>
        isRecord(requirement) &&
        Object.values(requirement).every(scopes => Array.isArray(scopes)),
    )
  ) {
    throw new Error('has security that cannot be read');
  }
  return wanted
    .map(requirement => Object.entries(requirement))
    .filter(
      schemes => !schemes.length || schemes.some(([name]) => isOAuth(name)),
    )
    .map(schemes =>
      Object.fromEntries(
        schemes
          .filter(([name]) => isOAuth(name))
          .map(([name, scopes]) => [name, (scopes as unknown[]).map(String)]),
      ),
    );
}

function inputSchemaOf(
  { document, method, path }: Place,
  template: PathTemplate,
  declared: Array<Record<string, unknown>>,
  body: ReturnType<typeof bodyOf>,
): object {
  const group = (where: string) => {
    const members = declared.filter(
      parameter =>
        parameter.in === where &&
        (where !== 'header' || isSendable(String(parameter.name))),
    );
    const required = members
      .filter(parameter => parameter.required === true)
      .map(({ name }) => String(name));
    return members.length
      ? {
          schema: {
            type: 'object',
            properties: Object.fromEntries(
              members.map(({ name, schema }) => [
                String(name),
                smallSchema(document, schema),
              ]),
            ),
            ...(required.length && { required }),
            additionalProperties: false,
          },
          isRequired: required.length > 0,
        }
      : undefined;
  };
  const query = group('query');
  const headers = group('header');
  const { names } = template;
  return {
    type: 'object',
    properties: {
      method: { const: method.toUpperCase() },
      path: { type: 'string', description: `Of ${path}, filled in` },
      parameters: {
        type: 'object',
        properties: Object.fromEntries(
          names.map(name => [name, { type: 'string' }]),
        ),
        ...(names.length && { required: names }),
        additionalProperties: false,
      },
      ...(query && { query: query.schema }),
      ...(headers && { headers: headers.schema }),
      ...(body && { body: smallSchema(document, body.schema) }),
    },
    required: [
      'method',
      'path',
      'parameters',
      ...(query?.isRequired ? ['query'] : []),
      ...(headers?.isRequired ? ['headers'] : []),
      ...(body?.required ? ['body'] : []),
    ],
    additionalProperties: false,
  };
}

function groupOf({ tags }: Record<string, unknown>): string {
  const [tag] = Array.isArray(tags) ? tags : [];
  return typeof tag === 'string' ? tag.slice(0, 100) : '';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The servers that a description names first, if it has an absolute URL. */
export function baseUrlOf(document: OpenApiDocument): string | undefined {
  const [first] = Array.isArray(document.servers) ? document.servers : [];
  const server = resolved(document, first);
  if (!isRecord(server) || typeof server.url !== 'string') {
    return undefined;
  }
  const variables = isRecord(server.variables) ? server.variables : {};
  return server.url.replace(/\{([^{}]+)\}/g, (_, name: string) => {
    const variable = Object.hasOwn(variables, name) ? variables[name] : {};
    return isRecord(variable) ? String(variable.default ?? '') : '';
  });
}
