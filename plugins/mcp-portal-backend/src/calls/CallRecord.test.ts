import { digestOf } from './CallRecord';

it('any arguments have a digest, by which the same ones are known', () => {
  expect(digestOf({ a: 1, b: [2] })).toBe(digestOf({ b: [2], a: 1 }));
  expect(digestOf({ a: '\ud800' })).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(digestOf({ a: '\ud800' })).not.toBe(digestOf({ a: '\ud801' }));
});
