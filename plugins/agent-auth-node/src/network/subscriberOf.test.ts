import { subscriberOf } from './subscriberOf';

it.each([
  ['10.1.2.3', '10.1.2.3'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['2001:db8:1:2::7', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2:ffff:1:2:3', '2001:db8:1:2::/64'],
  ['2001:db8:1:3::7', '2001:db8:1:3::/64'],
])('takes %s for %s', (address, subscriber) => {
  expect(subscriberOf(address)).toBe(subscriber);
});

it('takes all that is no address for one subscriber', () => {
  const [first, ...others] = [undefined, '', 'unknown', '10.1.2.3:80'].map(
    subscriberOf,
  );
  expect(new Set(others)).toEqual(new Set([first]));
});
