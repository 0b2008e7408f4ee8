import { brokenJson, JsonCursor } from './JsonCursor';

const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;

/**
 * Takes `{"<name>": [ … ]}` apart, without parsing it: each element can then be
 * parsed by itself, so that a large body neither stops the others for long nor
 * stands in memory as objects. Whatever is broken inside an element shows there;
 * what is around the elements is thrown away.
 *
 * @returns the elements, as slices, one after the other
 * @throws RefusedError while they are taken, when the object has other members than that one, or is broken
 */
export function* elementsOf(json: Buffer, name: string): Generator<Buffer> {
  const cursor = new JsonCursor(json);
  cursor.expect(OPEN_OBJECT);
  const member = JSON.stringify(name);
  const found = cursor.value().toString('utf8');
  if (found !== member) {
    throw brokenJson(`A batch has the member ${member} and no others`);
  }
  cursor.expect(COLON);
  cursor.expect(OPEN_ARRAY);
  if (cursor.peek() !== CLOSE_ARRAY) {
    yield cursor.value();
    while (cursor.peek() === COMMA) {
      cursor.expect(COMMA);
      yield cursor.value();
    }
  }
  cursor.expect(CLOSE_ARRAY);
  if (cursor.peek() === COMMA) {
    throw brokenJson(`A batch has the member ${member} and no others`);
  }
  cursor.expect(CLOSE_OBJECT);
  if (cursor.peek() !== undefined) {
    throw brokenJson();
  }
}
