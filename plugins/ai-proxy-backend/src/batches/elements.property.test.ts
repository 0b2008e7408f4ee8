import fc from 'fast-check';
import { RefusedError } from '../wire';
import { elementsOf } from './elements';

/** What JSON.parse makes of it, where it is what is expected. */
function parsed(text: string): unknown[] | undefined {
  try {
    const value = JSON.parse(text);
    const { requests } = value;
    return Array.isArray(requests) && Object.keys(value).length === 1
      ? requests
      : undefined;
  } catch {
    return undefined;
  }
}

function taken(text: string): unknown[] | undefined {
  try {
    return [...elementsOf(Buffer.from(text), 'requests')].map(element =>
      JSON.parse(element.toString('utf8')),
    );
  } catch (error) {
    if (error instanceof RefusedError || error instanceof SyntaxError) {
      return undefined;
    }
    throw error;
  }
}

describe('elementsOf', () => {
  const requests = fc.array(fc.dictionary(fc.string(), fc.jsonValue()));

  it('takes apart what JSON.parse would', () => {
    fc.assert(
      fc.property(
        requests,
        fc.constantFrom(undefined, 1, '\t\n'),
        (some, space) => {
          const text = JSON.stringify({ requests: some }, undefined, space);
          expect(taken(text)).toEqual(JSON.parse(text).requests);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('never takes anything else out of broken text, and always ends', () => {
    fc.assert(
      fc.property(
        requests,
        fc.nat(),
        fc.constantFrom('', '"', '{', '}', '[', ']', ',', ':', '\\', 'x', ' '),
        fc.nat(3),
        (some, at, inserted, removed) => {
          const text = JSON.stringify({ requests: some });
          const place = at % (text.length + 1);
          const broken =
            text.slice(0, place) + inserted + text.slice(place + removed);
          const found = taken(broken);
          const right = parsed(broken);
          // What is around the elements may be broken: it is written anew.
          expect([undefined, right ?? found]).toContainEqual(found);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
