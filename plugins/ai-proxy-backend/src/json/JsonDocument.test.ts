import fc from 'fast-check';
import { JsonDocument } from './JsonDocument';
import { JsonText } from './JsonText';
import { AmbiguousJsonError, checkNames, membersOf } from './members';

function documentOf(json: string): JsonDocument {
  return new JsonDocument(new JsonText(Buffer.from(json), JSON.parse(json)));
}

describe('JsonDocument', () => {
  it('changes nothing that was not set', () => {
    const json = ' {"a" : 1.50e+3,\n "b":"\\u00e9\\"}", "c":[{"d":null}] }\n';
    const document = documentOf(json);
    expect(document.bytes().toString()).toBe(json);

    document.set('b', true);
    expect(document.bytes().toString()).toBe(json.replace(/"\\u.*?}"/, 'true'));
  });

  it('adds what is missing, behind all else', () => {
    const document = documentOf('{"model":"m"}');
    document.set('store', false);
    document.set('metadata', 'user_id', 'id');
    expect(document.bytes().toString()).toBe(
      '{"model":"m","store":false,"metadata":{"user_id":"id"}}',
    );
  });

  it('adds to an empty object', () => {
    const document = documentOf('{ }');
    document.set('a', 1);
    document.set('b', 2);
    expect(JSON.parse(document.bytes().toString())).toEqual({ a: 1, b: 2 });
  });

  it('sets a member of a member, whatever that was', () => {
    for (const metadata of [
      '{}',
      '{"user_id":"x","k":"v"}',
      'null',
      '"text"',
    ]) {
      const document = documentOf(`{"metadata":${metadata},"z":0}`);
      document.set('metadata', 'user_id', 'id');
      const changed = JSON.parse(document.bytes().toString());
      expect(changed.metadata.user_id).toBe('id');
      expect(changed.z).toBe(0);
    }
  });

  it.each(['{"store":true,"store":false}', '{"a":1,"\\u0061":2}'])(
    'refuses %s, which readers understand differently',
    json => {
      expect(() => documentOf(json)).toThrow(AmbiguousJsonError);
    },
  );

  it.each([
    '{"a":[{"b":1,"b":2}]}',
    '{"a":{"\\u0062":{"c":[]},"b":1}}',
    '{"a":[[],{"":"\\"","c":{}, "" :0}]}',
  ])('finds the name that appears twice in %s', json => {
    const bytes = Buffer.from(json);
    expect(() => checkNames(bytes, { start: 0, end: bytes.length })).toThrow(
      AmbiguousJsonError,
    );
  });

  it('finds no name twice in what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 1), (value, space) => {
        const bytes = Buffer.from(JSON.stringify(value, null, space));
        expect(() =>
          checkNames(bytes, { start: 0, end: bytes.length }),
        ).not.toThrow();
      }),
    );
  });

  it('finds what JSON.parse finds, in any JSON', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()),
        fc.constantFrom(0, 1, '\t'),
        (value, space) => {
          const json = Buffer.from(JSON.stringify(value, null, space));
          const parsed = JSON.parse(json.toString());
          const { byName } = membersOf(json)!;
          expect([...byName.keys()].sort()).toEqual(Object.keys(parsed).sort());
          for (const [name, { valueStart, valueEnd }] of byName) {
            expect(
              JSON.parse(json.toString('utf8', valueStart, valueEnd)),
            ).toEqual(parsed[name]);
          }
        },
      ),
    );
  });

  it('is the parsed value with what was set, in any JSON', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.string(),
        fc.jsonValue(),
        (value, name, set) => {
          const json = JSON.stringify(value);
          const document = documentOf(json);
          document.set(name, set);
          const expected = JSON.parse(json);
          Object.defineProperty(expected, name, {
            value: JSON.parse(JSON.stringify(set)),
            enumerable: true,
            configurable: true,
            writable: true,
          });
          expect(JSON.parse(document.bytes().toString())).toEqual(expected);
        },
      ),
    );
  });
});
