import { describing } from '../__testUtils__/descriptions';
import { ApiSpecification } from '../specification';
import { outgoingRequest, readRequest } from './ApiRequest';

const BASE = 'https://api.example.com/v3/';

const query = (name: string, more: object = {}) => ({
  name,
  in: 'query',
  schema: {},
  ...more,
});
const body = (content: object) => ({ requestBody: { content } });
const responses = { 200: { description: 'OK' } };

const DESCRIPTION = describing({
  '/items/{id}': {
    parameters: [{ name: 'id', in: 'path', required: true, schema: {} }],
    get: {
      parameters: [
        query('plain'),
        query('list'),
        query('comma', { explode: false }),
        query('pipe', { style: 'pipeDelimited', explode: false }),
        query('space', { style: 'spaceDelimited', explode: false }),
        query('deep', { style: 'deepObject' }),
        query('flat', { explode: false }),
        query('json', { content: { 'application/json': {} } }),
        { name: 'X-Trace', in: 'header', schema: {} },
        { name: 'Authorization', in: 'header', schema: {} },
        { name: 'X-HTTP-Method-Override', in: 'header', schema: {} },
        { name: 'X Odd', in: 'header', schema: {} },
        { name: 'sid', in: 'cookie', schema: {} },
      ],
      responses,
    },
    put: { parameters: [query('must', { required: true })], responses },
    post: {
      ...body({ 'text/plain': {}, 'application/json': {} }),
      responses,
    },
    patch: {
      ...body({
        'application/x-www-form-urlencoded': {
          schema: { properties: { name: {} } },
        },
      }),
      responses,
    },
    delete: { ...body({ 'multipart/form-data': {} }), responses },
  },
  '/text': { post: { ...body({ 'text/plain': {} }), responses } },
  '/odd': { post: { ...body({ 'application/json;\nx: y': {} }), responses } },
});

describe('a request', () => {
  let api: ApiSpecification;
  beforeAll(async () => {
    api = await ApiSpecification.read(DESCRIPTION);
  });
  function sent(given: Record<string, unknown>) {
    const { operation, arguments: args } = readRequest(api, given);
    const request = outgoingRequest(api, operation, args, BASE);
    return { ...request, url: request.url.href };
  }

  it('is written below the base URL, as its parameters say', () => {
    const urlOf = (parameters: object) =>
      sent({ path: '/items/a b', query: parameters }).url.replace(
        'https://api.example.com/v3/items/a%20b',
        '',
      );
    expect(urlOf({})).toBe('');
    expect(urlOf({ plain: 'a b&c=d', list: [1, 'x,y'] })).toBe(
      '?plain=a%20b%26c%3Dd&list=1&list=x%2Cy',
    );
    expect(urlOf({ comma: ['a', 'b'], pipe: [1, 2], space: [1, 2] })).toBe(
      '?comma=a%2Cb&pipe=1%7C2&space=1%202',
    );
    expect(urlOf({ deep: { a: 1, b: true }, flat: { a: 1 } })).toBe(
      '?deep%5Ba%5D=1&deep%5Bb%5D=true&flat=a%2C1',
    );
    expect(urlOf({ json: { a: [1] }, plain: null })).toBe(
      '?json=%7B%22a%22%3A%5B1%5D%7D',
    );
  });

  it('has the body in the media type of its operation', () => {
    expect(
      sent({ method: 'POST', path: '/items/1', body: { a: [1] } }),
    ).toMatchObject({
      body: '{"a":[1]}',
      headers: { 'content-type': 'application/json' },
    });
    expect(
      sent({ method: 'PATCH', path: '/items/1', body: { name: 'a b' } }),
    ).toMatchObject({
      body: 'name=a+b',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(
      sent({ method: 'POST', path: '/text', body: 'hello' }),
    ).toMatchObject({
      body: 'hello',
      headers: { 'content-type': 'text/plain' },
    });
  });

  it('has headers that its operation has, and none that are the portal’s', () => {
    expect(
      sent({ path: '/items/1', headers: { 'X-Trace': 'abc' } }).headers,
    ).toMatchObject({ 'x-trace': 'abc' });
  });

  it.each<[string, Record<string, unknown>]>([
    ['an unknown member', { path: '/items/1', rawBody: 'x' }],
    ['no path', { method: 'GET' }],
    ['a parameter that is not declared', { path: '/items/1', query: { x: 1 } }],
    [
      'a parameter of prototypes',
      { path: '/items/1', query: JSON.parse('{"__proto__":{"x":1}}') },
    ],
    ['a required parameter missing', { method: 'PUT', path: '/items/1' }],
    [
      'an object for any parameter',
      { path: '/items/1', query: { list: { x: 1 } } },
    ],
    ['a list as query', { path: '/items/1', query: ['x'] }],
    [
      'a header that is not declared',
      { path: '/items/1', headers: { x: '1' } },
    ],
    ['the credential', { path: '/items/1', headers: { Authorization: 'x' } }],
    [
      'another method',
      { path: '/items/1', headers: { 'X-HTTP-Method-Override': 'DELETE' } },
    ],
    [
      'a header with a line break',
      { path: '/items/1', headers: { 'X-Trace': 'a\r\nHost: evil' } },
    ],
    [
      'a header that has no name of one',
      { path: '/items/1', headers: { 'X Odd': '1' } },
    ],
    ['a cookie', { path: '/items/1', headers: { cookie: 'sid=1' } }],
    ['a body where there is none', { path: '/items/1', body: {} }],
    [
      'a body of a type that cannot be sent',
      { method: 'POST', path: '/odd', body: {} },
    ],
    ['a file', { method: 'DELETE', path: '/items/1', body: {} }],
    ['an object as text', { method: 'POST', path: '/text', body: {} }],
    [
      'a method in its form',
      { method: 'PATCH', path: '/items/1', body: { _method: 'DELETE' } },
    ],
    ...['.method', ' _method', '[_method]', '_METHOD', '_httpMethod'].map(
      (name): [string, Record<string, unknown>] => [
        `a method in its form as ${name}`,
        { method: 'PATCH', path: '/items/1', body: { [name]: 'DELETE' } },
      ],
    ),
  ])('with %s is refused', (_, given) => {
    expect(() => sent(given)).toThrow(
      expect.objectContaining({ name: 'InputError' }),
    );
  });

  it('is refused when it was changed on its way', () => {
    const { operation, arguments: args } = readRequest(api, {
      path: '/items/1',
    });
    const outcomes = [
      { parameters: { id: '2' } },
      { parameters: { id: '..' }, path: '/items/..' },
      { parameters: { id: '' }, path: '/items/' },
      { parameters: { id: 5 } },
      { parameters: {} },
      { path: '/items/2' },
      { method: 'PUT' },
    ].map(change => {
      try {
        outgoingRequest(api, operation, { ...args, ...change }, BASE);
        return 'sent';
      } catch (error) {
        return (error as Error).name;
      }
    });
    expect(new Set(outcomes)).toEqual(new Set(['InputError']));
  });
});
