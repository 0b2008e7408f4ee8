import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDefinition } from './parseDefinition';

const refunds = readFileSync(
  join(__dirname, '__fixtures__', 'refunds.proto'),
  'utf8',
);

function grpc(text: string) {
  return parseDefinition({ type: 'grpc', text });
}

describe('a proto file', () => {
  it('lists the methods of all of its services', async () => {
    const api = await grpc(refunds);
    expect(api).toMatchObject({ format: 'grpc', title: 'refunds.v1' });
    expect([...api.operations].sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
      {
        id: 'refunds.v1.Admin/Watch',
        signature: 'rpc Watch(WatchRequest) returns (Refund)',
      },
      {
        id: 'refunds.v1.Refunds/Cancel',
        signature: 'rpc Cancel(Refund) returns (google.protobuf.Empty)',
        deprecated: true,
      },
      {
        id: 'refunds.v1.Refunds/Create',
        signature: 'rpc Create(CreateRequest) returns (Refund)',
        summary: 'Creates a refund.',
      },
      {
        id: 'refunds.v1.Refunds/Watch',
        signature: 'rpc Watch(stream WatchRequest) returns (stream Refund)',
      },
    ]);
  });

  it('describes a method with its messages, nested types, and what is imported', async () => {
    const api = await grpc(refunds);
    expect(api.describeOperation('refunds.v1.Refunds/Create')).toEqual({
      id: 'refunds.v1.Refunds/Create',
      signature: 'rpc Create(CreateRequest) returns (Refund)',
      summary: 'Creates a refund.',
      description: 'Creates a refund.\nSafe to repeat.',
      detail: {
        service: 'refunds.v1.Refunds',
        request: 'refunds.v1.CreateRequest',
        requestStream: false,
        response: 'refunds.v1.Refund',
        responseStream: false,
        options: [{ '(google.api.http)': { post: '/v1/refunds', body: '*' } }],
        types: {
          'refunds.v1.CreateRequest': {
            kind: 'message',
            fields: [
              { name: 'payment_id', number: 1, type: 'string' },
              {
                name: 'amount_minor',
                number: 2,
                type: 'int64',
                description: 'In the smallest unit of the currency.',
              },
              { name: 'note', number: 3, type: 'string', optional: true },
              { name: 'card', number: 4, type: 'string', oneof: 'target' },
              {
                name: 'iban',
                number: 5,
                type: 'refunds.v1.CreateRequest.Iban',
                oneof: 'target',
              },
            ],
          },
          'refunds.v1.CreateRequest.Iban': {
            kind: 'message',
            fields: [{ name: 'number', number: 1, type: 'string' }],
          },
          'refunds.v1.Refund': {
            kind: 'message',
            fields: [
              { name: 'id', number: 1, type: 'string' },
              { name: 'state', number: 2, type: 'refunds.v1.Refund.State' },
              {
                name: 'created_at',
                number: 3,
                type: 'google.protobuf.Timestamp',
              },
              {
                name: 'replaces',
                number: 4,
                type: 'refunds.v1.Refund',
                repeated: true,
              },
              {
                name: 'accounts',
                number: 5,
                type: 'map<string, refunds.v1.Iban>',
              },
              { name: 'old', number: 6, type: 'string', deprecated: true },
            ],
          },
          'refunds.v1.Refund.State': {
            kind: 'enum',
            values: [
              { name: 'STATE_UNSPECIFIED', number: 0 },
              {
                name: 'STATE_PAID',
                number: 1,
                description: 'The money has left.',
              },
            ],
          },
          'refunds.v1.Iban': {
            kind: 'message',
            description: 'Not the Iban inside CreateRequest.',
            fields: [{ name: 'bank', number: 1, type: 'string' }],
          },
        },
        importedTypes: ['google.protobuf.Timestamp'],
      },
    });
  });

  it.each([
    ['Create', 'refunds.v1.Refunds/Create'],
    ['rpc create', 'refunds.v1.Refunds/Create'],
    ['/refunds.v1.Refunds/Create', 'refunds.v1.Refunds/Create'],
    ['refunds.v1.Refunds.Create', 'refunds.v1.Refunds/Create'],
    ['Admin/Watch', 'refunds.v1.Admin/Watch'],
    ['Refunds.Watch', 'refunds.v1.Refunds/Watch'],
    ['refunds.v1.Refund.State', 'refunds.v1.Refund.State'],
  ])('is asked by %s', async (asked, id) => {
    const api = await grpc(refunds);
    expect(api.describeOperation(asked).id).toBe(id);
  });

  it('tells streams, and does not guess between services', async () => {
    const api = await grpc(refunds);
    expect(api.describeOperation('Refunds/Watch').detail).toMatchObject({
      requestStream: true,
      responseStream: true,
    });
    expect(() => api.describeOperation('Watch')).toThrow(
      /may mean several operations: "refunds\.v1\..*\/Watch", "refunds\.v1\..*\/Watch"/,
    );
  });

  it('bounds the answer, and shows the beginning of a message that is too long by itself', async () => {
    const fields = Array.from(
      { length: 1_000 },
      (_, n) => `  string field_${n} = ${n + 1};`,
    );
    const api = await grpc(
      `syntax = "proto3"; service S { rpc Get(Small) returns (Huge); }
message Small { Huge huge = 1; }
message Huge {\n${fields.join('\n')}\n}`,
    );
    const answer = api.describeOperation('Get');
    expect(answer).toMatchObject({
      detail: {
        types: { Small: { kind: 'message' } },
        omittedTypes: ['Huge'],
      },
      truncated: expect.stringContaining('omittedTypes'),
    });
    const huge = api.describeOperation('Huge');
    expect(JSON.stringify(huge).length).toBeLessThan(20_000);
    expect(huge.truncated).toMatch(/^Only the first \d+ of 1000 fields/);
  });

  it('may be proto2', async () => {
    const api = await grpc(
      'package a; message M { required string id = 1; } service S { rpc Do(M) returns (M); }',
    );
    expect(api.describeOperation('a.S/Do').detail).toMatchObject({
      types: { 'a.M': { fields: [{ name: 'id', required: true }] } },
    });
  });

  it('is refused with the line when it is not valid', async () => {
    await expect(
      grpc('syntax = "proto3";\nmessage A {\n  strin\n}'),
    ).rejects.toThrow(/not a valid proto file: .*\(line 4\)/);
    await expect(grpc('')).rejects.toThrow('declares no services');
  });
});
