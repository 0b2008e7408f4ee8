import { stringify } from 'yaml';
import { toPascalCase, toTitle } from '../names';
import type { Random } from '../random';
import type { SystemPlan } from '../systems';
import type { TopicWords } from '../words';

const FIELDS: Record<string, object> = {
  externalId: { type: 'string', maxLength: 64 },
  customerId: { type: 'string', format: 'uuid' },
  merchantId: { type: 'string', format: 'uuid' },
  orderId: { type: 'string', format: 'uuid' },
  amount: { $ref: '#/components/schemas/Money' },
  reason: { type: 'string', maxLength: 500 },
  region: { type: 'string', pattern: '^[A-Z]{2}$' },
  validFrom: { type: 'string', format: 'date-time' },
  validUntil: { type: 'string', format: 'date-time' },
  priority: { type: 'integer', minimum: 0, maximum: 9 },
  labels: { type: 'object', additionalProperties: { type: 'string' } },
  attempts: { type: 'integer', minimum: 0 },
};

/**
 * Writes an OpenAPI 3.1 document: for each topic its reads, writes and actions,
 * with shared parameters, responses and schemas by reference.
 *
 * @param topics - what the API serves, the system's own topic first
 * @returns YAML mostly, JSON for every fourth
 */
export function openApiDefinition(
  random: Random,
  system: SystemPlan,
  topics: TopicWords[],
): string {
  const document = {
    openapi: '3.1.0',
    info: {
      title: `${toTitle(system.name)} API`,
      version: `${random.integer(1, 4)}.${random.integer(0, 30)}.0`,
      description: `${system.topic.purpose}. Callers need the scope of the operation.`,
      contact: {
        name: system.owner,
        email: `${system.owner}@meridian.example`,
      },
    },
    servers: [{ url: `https://api.meridian.example/${system.name}/v1` }],
    security: [{ bearer: [] }],
    paths: Object.assign({}, ...topics.map(topic => paths(random, topic))),
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      },
      parameters: {
        Limit: {
          name: 'limit',
          in: 'query',
          schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
        },
        Cursor: { name: 'cursor', in: 'query', schema: { type: 'string' } },
        IdempotencyKey: {
          name: 'Idempotency-Key',
          in: 'header',
          required: true,
          schema: { type: 'string', format: 'uuid' },
        },
      },
      responses: {
        Problem: {
          description: 'What went wrong, after RFC 9457.',
          content: content('Problem', 'application/problem+json'),
        },
      },
      schemas: Object.assign(
        {
          Money: {
            type: 'object',
            required: ['amount', 'currency'],
            properties: {
              amount: { type: 'string', pattern: '^-?[0-9]+(\\.[0-9]{1,4})?$' },
              currency: { type: 'string', pattern: '^[A-Z]{3}$' },
            },
          },
          Problem: {
            type: 'object',
            required: ['type', 'title', 'status'],
            properties: {
              type: { type: 'string', format: 'uri' },
              title: { type: 'string' },
              status: { type: 'integer' },
              detail: { type: 'string' },
            },
          },
        },
        ...topics.map(topic => schemas(random, topic)),
      ),
    },
  };
  return random.chance(0.25)
    ? JSON.stringify(document)
    : stringify(document, { aliasDuplicateObjects: false });
}

function paths(random: Random, topic: TopicWords) {
  const { resource, plural, actions } = topic;
  const one = toPascalCase(resource);
  const many = toPascalCase(plural);
  const tags = [plural];
  const idOf = {
    name: 'id',
    in: 'path',
    required: true,
    schema: { type: 'string', format: 'uuid' },
  };
  const problems = {
    '400': { $ref: '#/components/responses/Problem' },
    '404': { $ref: '#/components/responses/Problem' },
  };
  const answer = (schema: string, description: string) => ({
    '200': { description, content: content(schema) },
    ...problems,
  });
  return {
    [`/${plural}`]: {
      get: {
        operationId: `list${many}`,
        summary: `List ${words(plural)}`,
        tags,
        parameters: [
          { $ref: '#/components/parameters/Limit' },
          { $ref: '#/components/parameters/Cursor' },
        ],
        responses: answer(`${one}Page`, `A page of ${words(plural)}`),
      },
      post: {
        operationId: `create${one}`,
        summary: `Create a ${words(resource)}`,
        tags,
        parameters: [{ $ref: '#/components/parameters/IdempotencyKey' }],
        requestBody: { required: true, content: content(`New${one}`) },
        responses: {
          '201': { description: 'Created', content: content(one) },
          ...problems,
        },
      },
    },
    [`/${plural}/{id}`]: {
      parameters: [idOf],
      get: {
        operationId: `get${one}`,
        summary: `Get one ${words(resource)}`,
        tags,
        responses: answer(one, `The ${words(resource)}`),
      },
      patch: {
        operationId: `update${one}`,
        summary: `Change a ${words(resource)}`,
        tags,
        requestBody: { required: true, content: content(`New${one}`) },
        responses: answer(one, `The ${words(resource)} after the change`),
      },
      ...(random.chance(0.5) && {
        delete: {
          operationId: `delete${one}`,
          summary: `Delete a ${words(resource)}`,
          tags,
          responses: { '204': { description: 'Deleted' }, ...problems },
        },
      }),
    },
    ...Object.fromEntries(
      actions.map(action => [
        `/${plural}/{id}/${action}`,
        {
          parameters: [idOf],
          post: {
            operationId: `${action}${one}`,
            summary: `${toTitle(action)} a ${words(resource)}`,
            tags,
            responses: answer(one, `The ${words(resource)} afterwards`),
          },
        },
      ]),
    ),
  };
}

function schemas(random: Random, topic: TopicWords) {
  const one = toPascalCase(topic.resource);
  const fields = random.sample(Object.keys(FIELDS), random.integer(4, 8));
  return {
    [one]: {
      description: `A ${words(topic.resource)} as it is stored.`,
      allOf: [
        { $ref: `#/components/schemas/New${one}` },
        {
          type: 'object',
          required: ['id', 'status', 'createdAt'],
          properties: {
            id: { type: 'string', format: 'uuid' },
            status: { type: 'string', enum: ['open', 'active', 'closed'] },
            createdAt: { type: 'string', format: 'date-time' },
            updatedAt: { type: 'string', format: 'date-time' },
          },
        },
      ],
    },
    [`New${one}`]: {
      type: 'object',
      required: fields.slice(0, 2),
      properties: Object.fromEntries(fields.map(name => [name, FIELDS[name]])),
    },
    [`${one}Page`]: {
      type: 'object',
      required: ['items'],
      properties: {
        items: {
          type: 'array',
          items: { $ref: `#/components/schemas/${one}` },
        },
        nextCursor: { type: 'string' },
      },
    },
  };
}

function content(schema: string, mediaType = 'application/json') {
  return {
    [mediaType]: { schema: { $ref: `#/components/schemas/${schema}` } },
  };
}

function words(name: string): string {
  return name.replace(/-/g, ' ');
}
