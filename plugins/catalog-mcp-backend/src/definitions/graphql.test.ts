import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDefinition } from './parseDefinition';

const shop = readFileSync(
  join(__dirname, '__fixtures__', 'shop.graphql'),
  'utf8',
);

function graphql(text: string) {
  return parseDefinition({ type: 'graphql', text });
}

function sdlOf(detail: unknown): string {
  return (detail as { sdl: string }).sdl;
}

describe('a GraphQL schema', () => {
  it('lists the fields of its root types, whatever these are called', async () => {
    const api = await graphql(shop);
    expect(api.operations).toEqual([
      {
        id: 'Query.order',
        signature: 'query order(id: ID!, currency: Currency): Order',
        summary: 'One order, if it exists',
      },
      { id: 'Query.node', signature: 'query node(id: ID!): Node' },
      {
        id: 'Query.price',
        signature: 'query price(sku: String!): Int',
        deprecated: true,
      },
      {
        id: 'Query.loyalty',
        signature: 'query loyalty(customer: ID!): Points',
      },
      {
        id: 'Mutation.refund',
        signature: 'mutation refund(input: RefundInput!): Order!',
        summary: 'Pays an order back.',
      },
      { id: 'Mutation.order', signature: 'mutation order(id: ID!): Order' },
    ]);
  });

  it('describes a field with the types that can be reached from it', async () => {
    const api = await graphql(shop);
    const answer = api.describeOperation('Mutation.refund');
    expect(answer).toMatchObject({
      description: 'Pays an order back.\nIn full, or in part.',
      detail: {
        arguments: [{ name: 'input', type: 'RefundInput!' }],
        returns: 'Order!',
      },
    });
    const sdl = sdlOf(answer.detail);
    expect(sdl).toMatch(
      /^"An order of a customer"\ntype Order implements Node @key\(fields: "id"\) \{\n {2}id: ID!/,
    );
    const types = [...sdl.matchAll(/^(?:type|input|enum|interface) (\w+)/gm)];
    expect(types.map(match => match[1])).toEqual([
      'Order',
      'RefundInput',
      'Node',
      'Line',
      'Customer',
      'Currency',
    ]);
    expect(answer).not.toHaveProperty('truncated');
  });

  it('tells default values, deprecation, implementations of an interface, and types it does not define', async () => {
    const api = await graphql(shop);
    expect(api.describeOperation('Query.order').detail).toMatchObject({
      arguments: [
        { name: 'id', type: 'ID!' },
        { name: 'currency', type: 'Currency', defaultValue: 'EUR' },
      ],
    });
    expect(api.describeOperation('price').detail).toEqual({
      arguments: [{ name: 'sku', type: 'String!' }],
      returns: 'Int',
      deprecated: 'Use Order.lines',
      sdl: '',
    });
    expect(sdlOf(api.describeOperation('query node').detail)).toContain(
      'type Customer',
    );
    expect(api.describeOperation('loyalty').detail).toMatchObject({
      undefinedTypes: ['Points'],
    });
  });

  it('is asked by unqualified name when only one root type has it, and by the name of a type', async () => {
    const api = await graphql(shop);
    expect(api.describeOperation('REFUND').id).toBe('Mutation.refund');
    expect(api.describeOperation('ShopQuery.node').id).toBe('Query.node');
    expect(() => api.describeOperation('order')).toThrow(
      '"order" may mean several operations: "Query.order", "Mutation.order"',
    );
    expect(sdlOf(api.describeOperation('Unreachable').detail)).toBe(
      'type Unreachable {\n  secret: String\n}',
    );
    expect(() => api.describeOperation('refunds')).toThrow(
      expect.objectContaining({
        name: 'NotFoundError',
        message: expect.stringContaining('The closest are "Mutation.refund"'),
      }),
    );
  });

  it('leaves out what does not fit, the farthest types first, and names it', async () => {
    const types = Array.from(
      { length: 400 },
      (_, n) =>
        `type T${n} {\n  name: String\n  text: String\n  next: T${n + 1}\n}\n`,
    );
    const big = `enum Big { ${Array.from(
      { length: 9_000 },
      (_, n) => `V_${n}`,
    ).join(' ')} }`;
    const api = await graphql(
      `
        type Query {
          first: T0
          big(of: Big): Int
        }
        ${types.join('')}
        type T400 {
          name: String
        }
        ${big}
      `,
    );
    const answer = api.describeOperation('first');
    expect(JSON.stringify(answer.detail).length).toBeLessThan(20_000);
    expect(sdlOf(answer.detail)).toContain('type T100 ');
    const { omittedTypes } = answer.detail as { omittedTypes: string[] };
    expect(omittedTypes).toHaveLength(1);
    expect(answer.truncated).toMatch(/omittedTypes.*ask for one by its name/);
    expect(sdlOf(api.describeOperation(omittedTypes[0]).detail)).toMatch(
      new RegExp(`^type ${omittedTypes[0]} `),
    );
    const enumAnswer = api.describeOperation('Big');
    expect(JSON.stringify(enumAnswer.detail).length).toBeLessThan(20_000);
    expect(enumAnswer.truncated).toMatch(/^Only the beginning/);
  });

  it('may be a subgraph, with nothing but extensions', async () => {
    const api = await graphql('extend type Query { me: User @shareable }');
    expect(api.operations[0].id).toBe('Query.me');
  });

  it('is refused with line and column when it is not valid', async () => {
    await expect(graphql('type Query {\n  a: }')).rejects.toThrow(
      'not valid GraphQL SDL: Syntax Error: Expected Name, found "}". (line 2, column 6)',
    );
    await expect(graphql('{ me { name } }')).rejects.toThrow(
      'not a GraphQL schema',
    );
  });
});
