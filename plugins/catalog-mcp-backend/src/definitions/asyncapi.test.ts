import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDefinition } from './parseDefinition';

function read(name: string) {
  return parseDefinition({
    type: 'asyncapi',
    text: readFileSync(join(__dirname, '__fixtures__', name), 'utf8'),
  });
}

describe('an AsyncAPI 2 document', () => {
  it('lists the two directions of each channel as operations', async () => {
    const api = await read('orders.asyncapi2.yaml');
    expect(api).toMatchObject({
      format: 'asyncapi',
      title: 'Order events',
      version: '1.2.0',
      servers: ['broker.shop.test:9092'],
    });
    expect(api.operations).toEqual([
      {
        id: 'publish orders.created',
        signature: 'publish orders.created',
        summary: 'Tell that an order was placed',
        tags: ['orders'],
      },
      { id: 'onOrderCreated', signature: 'subscribe orders.created' },
      {
        id: 'subscribe orders.{region}.cancelled',
        signature: 'subscribe orders.{region}.cancelled',
      },
    ]);
  });

  it('describes an operation with its messages and their payloads resolved', async () => {
    const api = await read('orders.asyncapi2.yaml');
    const message = {
      'x-ref': '#/components/messages/OrderCreated',
      name: 'OrderCreated',
      payload: {
        'x-ref': '#/components/schemas/Order',
        type: 'object',
        properties: {
          id: { type: 'string' },
          parent: { $ref: '#/components/schemas/Order', cycle: true },
        },
      },
    };
    expect(api.describeOperation('PUBLISH orders.created').detail).toEqual({
      action: 'publish',
      channel: 'orders.created',
      channelDescription: 'One message an order.',
      message: { oneOf: [message] },
    });
    expect(api.describeOperation('onOrderCreated').detail).toMatchObject({
      action: 'subscribe',
      message,
    });
    expect(
      api.describeOperation('subscribe orders.{where}.cancelled').detail,
    ).toMatchObject({
      parameters: { region: { schema: { type: 'string' } } },
      message: { $ref: '#/components/messages/Missing', unresolved: true },
    });
    expect(
      api.describeOperation('#/components/schemas/Order').detail,
    ).toMatchObject({ type: 'object' });
  });

  it('does not guess the direction of a channel that has both', async () => {
    const api = await read('orders.asyncapi2.yaml');
    expect(() => api.describeOperation('orders.created')).toThrow(
      '"orders.created" may mean several operations: "publish orders.created", "onOrderCreated"',
    );
  });
});

describe('an AsyncAPI 3 document', () => {
  it('lists operations by their address, and channels that no operation uses', async () => {
    const api = await read('orders.asyncapi3.yaml');
    expect(api.servers).toEqual(['kafka://broker.shop.test:9092/events']);
    expect(api.operations).toEqual([
      {
        id: 'announceOrder',
        signature: 'send orders.created',
        summary: 'Announce an order',
      },
      { id: 'trackOrder', signature: 'receive orders.created' },
      {
        id: 'channel audit',
        signature: 'channel audit',
        summary: 'Everything, for the auditors.',
      },
    ]);
  });

  it('describes an operation with its own messages, or else those of the channel', async () => {
    const api = await read('orders.asyncapi3.yaml');
    const payload = { type: 'object', properties: { id: { type: 'string' } } };
    expect(api.describeOperation('announceOrder').detail).toMatchObject({
      action: 'send',
      channel: 'orders.created',
      messages: [{ payload }],
    });
    expect(api.describeOperation('trackOrder').detail).toMatchObject({
      action: 'receive',
      messages: { created: { payload } },
    });
    expect(api.describeOperation('audit').detail).toMatchObject({
      action: 'channel',
      messages: { any: { payload: { type: 'object' } } },
    });
  });
});
