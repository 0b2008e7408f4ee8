import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDefinition } from './parseDefinition';

function read(name: string) {
  return parseDefinition({
    type: 'openapi',
    text: readFileSync(join(__dirname, '__fixtures__', name), 'utf8'),
  });
}

function openapi(document: object) {
  return parseDefinition({
    type: 'openapi',
    text: JSON.stringify({ openapi: '3.0.3', ...document }),
  });
}

describe('an OpenAPI 3 document', () => {
  it('is listed with what identifies it and all of its operations', async () => {
    const api = await read('refunds.openapi.yaml');
    expect(api).toMatchObject({
      format: 'openapi',
      title: 'Refunds',
      version: '2.4.0',
      description: 'Pays money back to the buyers of the shop.',
      servers: ['https://{region}.refunds.shop.test/v2'],
    });
    expect(api.operations).toEqual([
      {
        id: 'listRefunds',
        signature: 'GET /refunds',
        summary: 'List refunds',
        tags: ['refunds'],
      },
      {
        id: 'createRefund',
        signature: 'POST /refunds',
        summary: 'Refund a payment',
        tags: ['refunds', 'write'],
      },
      {
        id: 'GET /refunds/{id}',
        signature: 'GET /refunds/{id}',
        summary: 'Reads one refund. Use listRefunds instead.',
        deprecated: true,
      },
      { id: 'listEvents', signature: 'GET /refunds/{id}/events' },
      {
        id: 'webhook POST refundPaid',
        signature: 'webhook POST refundPaid',
        summary: 'A refund was paid',
      },
    ]);
  });

  it('describes an operation with parameters merged, references resolved and cycles marked', async () => {
    const api = await read('refunds.openapi.yaml');
    expect(api.describeOperation('listRefunds')).toEqual({
      id: 'listRefunds',
      signature: 'GET /refunds',
      summary: 'List refunds',
      detail: {
        method: 'GET',
        path: '/refunds',
        security: [{ oauth: ['refunds.read'] }],
        securitySchemes: {
          oauth: expect.objectContaining({ type: 'oauth2' }),
        },
        parameters: [
          {
            'x-ref': '#/components/parameters/Tenant',
            name: 'X-Tenant',
            in: 'header',
            schema: { type: 'string' },
          },
          {
            name: 'locale',
            in: 'query',
            description: 'From the operation',
            schema: { type: 'string', default: 'en' },
          },
        ],
        responses: {
          200: {
            description: 'A page of refunds',
            content: {
              // The long example is gone, the short one of the property stays.
              'application/json': {
                schema: {
                  type: 'array',
                  items: {
                    'x-ref': '#/components/schemas/Refund',
                    type: 'object',
                    properties: {
                      id: { type: 'string', example: 'rf_1' },
                      amount: {
                        'x-ref': '#/components/schemas/Money',
                        type: 'object',
                        properties: {
                          amountMinor: { type: 'integer' },
                          currency: { type: 'string', enum: ['EUR', 'USD'] },
                        },
                      },
                      replaces: {
                        $ref: '#/components/schemas/Refund',
                        cycle: true,
                      },
                    },
                  },
                },
              },
            },
          },
          default: {
            'x-ref': '#/components/responses/Problem',
            description: 'What went wrong',
            content: {
              'application/problem+json': {
                schema: {
                  'x-ref': '#/components/schemas/Problem',
                  type: 'object',
                  properties: { title: { type: 'string' } },
                },
              },
            },
          },
        },
      },
    });
  });

  it('keeps allOf, what stands beside a reference, references to elsewhere, and properties called "example"', async () => {
    const api = await read('refunds.openapi.yaml');
    const { description, detail } = api.describeOperation('createRefund');
    expect(description).toMatch(/in part\.\n\nSend the same/);
    expect(detail).toMatchObject({
      security: [{ oauth: ['refunds.write'] }],
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: {
              allOf: [
                { 'x-ref': '#/components/schemas/Money' },
                {
                  properties: {
                    example: {
                      description: 'A property that is called example',
                    },
                    reason: {
                      enum: ['damaged', 'late'],
                      description: 'Why the buyer wants it',
                    },
                  },
                },
              ],
            },
          },
          'application/xml': {
            schema: { $ref: 'https://schemas.shop.test/refund.json' },
          },
        },
      },
    });
  });

  it('marks a reference that leads nowhere', async () => {
    const api = await read('refunds.openapi.yaml');
    expect(api.describeOperation('GET /refunds/{id}').detail).toMatchObject({
      responses: {
        404: { $ref: '#/components/responses/Missing', unresolved: true },
      },
    });
  });

  it('gives operations with the same operationId different ids', async () => {
    const get = { operationId: 'read', responses: {} };
    const api = await openapi({
      paths: { '/a': { get }, '/b': { get }, '/c': { get: { ...get } } },
    });
    expect(api.operations.map(({ id }) => id)).toEqual([
      'read',
      'GET /b',
      'GET /c',
    ]);
  });

  it('answers a JSON pointer with the schema it points at', async () => {
    const api = await read('refunds.openapi.yaml');
    expect(api.describeOperation('#/components/schemas/Refund')).toMatchObject({
      id: '#/components/schemas/Refund',
      detail: {
        properties: {
          amount: { properties: { amountMinor: { type: 'integer' } } },
          replaces: { $ref: '#/components/schemas/Refund', cycle: true },
        },
      },
    });
    expect(
      api.describeOperation('#/paths/~1refunds~1%7Bid%7D/get').description,
    ).toMatch(/^Reads one refund/);
    expect(() => api.describeOperation('#/components/schemas/Refnd')).toThrow(
      'nothing at "#/components/schemas/Refnd". Closest are "#/components/schemas/Refund", "#/components/schemas/NewRefund"',
    );
    expect(() => api.describeOperation('#/constructor')).toThrow(
      expect.objectContaining({ name: 'NotFoundError' }),
    );
  });
});

describe('the id of an OpenAPI operation', () => {
  it.each([
    ['LISTREFUNDS', 'listRefunds'],
    ['get /refunds', 'listRefunds'],
    ['GET  /refunds/', 'listRefunds'],
    ['get /refunds/{refundId}', 'GET /refunds/{id}'],
    ['GET /refunds/:id', 'GET /refunds/{id}'],
    ['GET /refunds/id', 'GET /refunds/{id}'],
    ['GET /refunds/rf_42?expand=true', 'GET /refunds/{id}'],
    ['/refunds/rf_42/events', 'listEvents'],
    ['GET refunds/rf_42', 'GET /refunds/{id}'],
    ['refundPaid', 'webhook POST refundPaid'],
  ])('may be written as %s', async (asked, id) => {
    const api = await read('refunds.openapi.yaml');
    expect(api.describeOperation(asked).id).toBe(id);
  });

  it('prefers literal segments of a path over parameters', async () => {
    const api = await openapi({
      paths: {
        '/a/{id}': { get: {} },
        '/a/{id}:cancel': { get: {} },
        '/{any}/mine': { get: {} },
        '/a/mine': { get: {} },
      },
    });
    const idOf = (asked: string) => api.describeOperation(asked).id;
    expect(idOf('/a/mine')).toBe('GET /a/mine');
    expect(idOf('GET /a/7')).toBe('GET /a/{id}');
    expect(idOf('GET /a/7:cancel')).toBe('GET /a/{id}:cancel');
    expect(idOf('GET /b/mine')).toBe('GET /{any}/mine');
  });

  it('names the candidates when several operations fit', async () => {
    const api = await read('refunds.openapi.yaml');
    expect(() => api.describeOperation('/refunds')).toThrow(
      expect.objectContaining({
        name: 'InputError',
        message:
          '"/refunds" may mean several operations: "listRefunds", "createRefund". Ask for one of them by its id',
      }),
    );
  });

  it('names the three closest operations when none fits', async () => {
    const api = await read('refunds.openapi.yaml');
    expect(() => api.describeOperation('creatRefunds')).toThrow(
      expect.objectContaining({
        name: 'NotFoundError',
        message: expect.stringMatching(
          /^No operation "creatRefunds" among the 5 of the API definition\. The closest are "createRefund", ("[^"]+"), ("[^"]+")\. For a schema,/,
        ),
      }),
    );
    const empty = await openapi({ paths: {} });
    expect(() => empty.describeOperation('x')).toThrow(
      /declares no operations/,
    );
  });
});

describe('a Swagger 2.0 document', () => {
  it('is described in the shape of OpenAPI 3', async () => {
    const api = await read('refunds.swagger.json');
    const refund = {
      'x-ref': '#/definitions/Refund',
      type: 'object',
      properties: { id: { type: 'string' } },
    };
    expect(api).toMatchObject({
      title: 'Refunds (old)',
      version: '1.0',
      servers: ['https://old.shop.test/v1', 'http://old.shop.test/v1'],
    });
    expect(api.describeOperation('create').detail).toEqual({
      method: 'POST',
      path: '/refunds',
      security: [{ key: [] }],
      securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-Key' } },
      parameters: [{ name: 'dryRun', in: 'query', type: 'boolean' }],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: refund } },
      },
      responses: {
        200: {
          description: 'ok',
          content: {
            'application/json': { schema: refund },
            'text/csv': { schema: refund },
          },
        },
        400: { description: 'Wrong input' },
      },
    });
    expect(
      api.describeOperation('PUT /refunds/{id}/receipt').detail,
    ).toMatchObject({
      parameters: [{ name: 'id' }],
      requestBody: {
        content: {
          'multipart/form-data': {
            schema: {
              type: 'object',
              properties: { file: { type: 'file' }, note: { type: 'string' } },
              required: ['file'],
            },
          },
        },
      },
    });
  });
});

describe('an answer that would be too long', () => {
  // A tree of schemas: each refers to three of the next level, so depth 10 would be 88,573 of them.
  const schemas = Object.fromEntries(
    Array.from({ length: 10 }, (_, level) => [
      `Level${level}`,
      {
        type: 'object',
        properties: Object.fromEntries(
          ['left', 'middle', 'right'].map(side => [
            side,
            level < 9
              ? { $ref: `#/components/schemas/Level${level + 1}` }
              : { type: 'string' },
          ]),
        ),
      },
    ]),
  );
  const paths = {
    '/tree': {
      get: {
        responses: {
          200: {
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Level0' },
              },
            },
          },
        },
      },
    },
  };

  it('leaves out the deepest schemas, and tells how to get them', async () => {
    const api = await openapi({ paths, components: { schemas } });
    const answer = api.describeOperation('GET /tree');
    const json = JSON.stringify(answer.detail);
    expect(json.length).toBeLessThanOrEqual(20_000);
    expect(json.length).toBeGreaterThan(5_000);
    expect(json).toContain('"x-ref":"#/components/schemas/Level3"');
    const omitted = /"#\/components\/schemas\/Level(\d)","omitted":true/g;
    const levels = new Set([...json.matchAll(omitted)].map(match => match[1]));
    expect(levels.size).toBe(1);
    const pointer = `#/components/schemas/Level${[...levels][0]}`;
    expect(answer.truncated).toBe(
      `What is marked "omitted" was left out to keep the answer short; ask for it by its pointer, for example "${pointer}".`,
    );
    expect(JSON.stringify(api.describeOperation(pointer))).toContain(
      '"x-ref":"#/components/schemas/Level6"',
    );
  });

  it('names what is inline by its pointer too, and counts the rest of a long list', async () => {
    const values = Array.from({ length: 9_000 }, (_, n) => `value-${n}`);
    const schema = { type: 'object', properties: { kind: { enum: values } } };
    const text = 'very '.repeat(100_000);
    const api = await openapi({
      paths: { '/a/{b}': { post: { requestBody: { schema, text } } } },
    });
    const answer = api.describeOperation('POST /a/{b}');
    expect(answer.detail).toMatchObject({
      requestBody: {
        schema: { properties: { kind: { enum: expect.any(Array) } } },
        text: expect.stringMatching(/…$/),
      },
    });
    expect(JSON.stringify(answer.detail)).toContain(
      '"value-299",{"$ref":"#/paths/~1a~1{b}/post/requestBody/schema/properties/kind/enum","omitted":true,"entries":8700}]',
    );
    expect(answer.truncated).toMatch(/"omitted".*\. Texts .* shortened\.$/);
  });
});
