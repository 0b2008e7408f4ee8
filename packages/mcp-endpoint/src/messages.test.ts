import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import express from 'express';
import { readMessage } from './messages';

describe('readMessage', () => {
  let server: Server;
  let url: string;

  beforeAll(async () => {
    const app = express();
    app.post('/', async (request, response) => {
      const message = await readMessage(request, response, { maxBytes: 1_000 });
      if (message !== undefined) {
        response.json(message);
      }
    });
    server = createServer(app);
    await new Promise<void>(resolve =>
      server.listen(0, '127.0.0.1', () => resolve()),
    );
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });

  afterAll(() => new Promise<void>(resolve => server.close(() => resolve())));

  const post = async (body: string, contentType?: string) => {
    const response = await fetch(url, {
      method: 'POST',
      // Of bytes, fetch does not guess a type.
      body: Buffer.from(body),
      headers: contentType === undefined ? {} : { 'content-type': contentType },
    });
    return { status: response.status, body: await response.json() };
  };

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'Application/JSON',
  ])('takes a message as %s', async contentType => {
    expect(await post('{"id":1}', contentType)).toEqual({
      status: 200,
      body: { id: 1 },
    });
  });

  it.each([
    undefined,
    '',
    'text/plain',
    // What a page may send anywhere without asking, whatever stands behind the semicolon.
    'text/plain; application/json',
    'text/plain;charset=UTF-8',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'application/json, text/plain',
  ])('refuses a message as %s', async contentType => {
    const { status, body } = await post('{"id":1}', contentType);
    expect(status).toBe(415);
    expect(body).toEqual({
      jsonrpc: '2.0',
      id: null,
      error: {
        code: -32600,
        message: expect.stringContaining('application/json'),
      },
    });
  });

  it.each([
    ['half a message', '{"id":', 400, 'not valid JSON'],
    ['a batch', '[{"id":1}]', 400, 'batches are not supported'],
    ['a large one', `"${'x'.repeat(1_000)}"`, 413, 'larger than 1000'],
  ])('refuses %s', async (_, text, status, message) => {
    const answer = await post(text, 'application/json');
    expect(answer.status).toBe(status);
    expect(answer.body.error.message).toContain(message);
  });
});
