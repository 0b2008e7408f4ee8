import fc from 'fast-check';
import { describing } from '../__testUtils__/descriptions';
import { ApiSpecification } from './ApiSpecification';

const operation = { responses: { 200: { description: 'OK' } } };
const item = { get: operation, delete: operation };

const text = describing({
  '/users': item,
  '/users/{id}': item,
  '/users/me': item,
  '/users/{id}/keys': item,
  '/admin/{what}': item,
  '/files/{name}.json': item,
  '/compare/{base}...{head}': item,
  '/x/{a}/b': item,
  '/x/b/{a}': item,
  '/contents/{path}': {
    get: {
      ...operation,
      parameters: [
        { name: 'path', in: 'path', required: true, 'x-multi-segment': true },
      ],
    },
  },
});

describe('a request', () => {
  let api: ApiSpecification;
  beforeAll(async () => {
    api = await ApiSpecification.read(text);
  });
  const keyOf = (path: string, method = 'GET') =>
    api.find(method, path).operation.key;

  it('is the operation whose path is the most concrete', () => {
    expect(keyOf('/users')).toBe('GET /users');
    expect(keyOf('/users/me', 'delete')).toBe('DELETE /users/me');
    expect(keyOf('/users/meg')).toBe('GET /users/{id}');
    expect(keyOf('/users/1/keys')).toBe('GET /users/{id}/keys');
    expect(api.find('GET', '/compare/main...a.b').parameters).toEqual({
      base: 'main',
      head: 'a.b',
    });
    expect(api.find('GET', '/files/a%20b.json').parameters).toEqual({
      name: 'a b',
    });
    expect(api.find('GET', '/contents/a/b%20c/d').parameters).toEqual({
      path: 'a/b c/d',
    });
  });

  it('is written in one way, whatever way it came', () => {
    const filled = (path: string) => {
      const found = api.find('GET', path);
      return found.operation.template.fill(found.parameters);
    };
    expect(filled('/users/%61da')).toBe('/users/ada');
    expect(filled('/users/ä b')).toBe('/users/%C3%A4%20b');
    expect(filled('/users/a:b@c,d')).toBe('/users/a%3Ab%40c%2Cd');
    expect(filled('/users/50%25')).toBe('/users/50%25');
    expect(filled('/users/who%3F')).toBe('/users/who%3F');
    expect(filled('/users/group%2Fproject')).toBe('/users/group%2Fproject');
    expect(filled('/contents/a/b c')).toBe('/contents/a/b%20c');
  });

  it.each([
    ['dots', '/users/..'],
    ['dots further down', '/users/../admin/x'],
    ['encoded dots', '/users/%2e%2e/admin/x'],
    ['half encoded dots', '/users/.%2E'],
    ['twice encoded dots', '/users/%252e%252e'],
    ['dots in a parameter', '/users/a%2f..%2f..%2fadmin%2fx'],
    ['dots with path parameters', '/users/..;/admin'],
    ['dots with path parameters in one', '/users/..%3Bx=1%2Fadmin'],
    ['a single dot', '/users/.'],
    ['two slashes', '//users/1'],
    ['two slashes between', '/users//1'],
    ['an encoded slash at the end', '/users/me%2F'],
    ['a slash at the end', '/users/1/'],
    ['no slash', 'users/1'],
    ['another host', '//evil.example.com/users'],
    ['a URL', 'https://evil.example.com/users'],
    ['a backslash', '/users\\1'],
    ['an encoded backslash', '/users/a%5C..%5Cadmin'],
    ['a query', '/users/1?admin=1'],
    ['a fragment', '/users/1#x'],
    ['an encoded query that is decoded', '/users/%'],
    ['a null', '/users/1%00'],
    ['a line', '/users/1%0d%0aX: 1'],
    ['another operation in capital letters', '/users/ME'],
    ['another operation, encoded twice', '/users/m%2565'],
    ['another operation after decoding', '/users/1%2Fkeys'],
    ['another operation, twice decoded', '/users/1%252Fkeys'],
    ['another operation without path parameters', '/users/me;x=1'],
    ['another operation before an encoded query', '/users/me%3Fx'],
    ['less of an operation before an encoded query', '/users/1%3F/keys'],
    ['less of an operation before an encoded fragment', '/users/1%2523/keys'],
    ['more than one operation', '/x/b/b'],
    ['nothing', '/nothing'],
    ['endless encoding', '/users/%25252525252561'],
  ])('with %s is refused', (_, path) => {
    expect(() => api.find('GET', path)).toThrow(
      expect.objectContaining({ name: 'InputError' }),
    );
  });

  it('of an operation that is left out is no other', async () => {
    const left = await ApiSpecification.read(
      describing({
        '/users/{id}': item,
        '/users/me': { get: { ...operation, security: 5 } },
        '/users/you': { $ref: './you.json' },
      }),
    );
    const find = (method: string, path: string) => left.find(method, path);
    expect(find('GET', '/users/1').operation.key).toBe('GET /users/{id}');
    expect(() => find('GET', '/users/me')).toThrow('cannot be requested');
    expect(() => find('DELETE', '/users/you')).toThrow('cannot be requested');
    expect(() => find('GET', '/users/ME')).toThrow('taken for GET /users/me');
  });

  it('with a method that there is not is refused', () => {
    expect(() => api.find('POST', '/users')).toThrow('no operation');
    expect(() => api.find('TRACE', '/users')).toThrow('no operation');
    expect(() => api.find('get /users', '/users')).toThrow('no operation');
    expect(() => api.find('', '/users')).toThrow('no operation');
  });

  it('never leaves what was decided, whatever the path', () => {
    const piece = fc.constantFrom(
      ...['/', '.', '..', '%2e', '%2F', '%5c', ';', 'users', 'me', 'ME', '%25'],
      ...['admin', 'keys', 'a', '%00', '?', '#', '\\', ' ', '@', ':', '%c0%ae'],
    );
    const property = fc.check(
      fc.property(fc.array(piece, { maxLength: 8 }), pieces => {
        let found;
        try {
          found = api.find('GET', `/${pieces.join('')}`);
        } catch (error) {
          return (error as Error).name === 'InputError';
        }
        const path = found.operation.template.fill(found.parameters);
        const url = new URL(`https://api.example.com${path}`);
        return (
          url.host === 'api.example.com' &&
          url.pathname === path &&
          url.search === '' &&
          api.find('GET', path).operation === found.operation
        );
      }),
      { numRuns: 3_000 },
    );
    expect(property).toMatchObject({ failed: false });
  });
});
