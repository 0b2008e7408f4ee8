import { coverage } from './coverage';

describe('coverage', () => {
  const text =
    '{"ref":"component:default/checkout-pricing-service","owner":"checkout-core","email":"checkout-core@meridian.example"} It ends here.';

  it('counts whole names only', () => {
    expect(coverage(text, { words: ['checkout-pricing-service'] })).toBe(1);
    expect(coverage(text, { words: ['checkout-pricing'] })).toBe(0);
  });

  it('knows addresses, and words before a full stop', () => {
    const words = ['checkout-core@meridian.example', 'here', 'absent', 'too'];
    expect(coverage(text, { words })).toBe(0.5);
  });

  it('is content with enough of many', () => {
    const words = ['checkout-core', 'ends', 'a', 'b', 'c'];
    expect(coverage(text, { words, enough: 2 })).toBe(1);
    expect(coverage(text, { words, enough: 4 })).toBe(0.5);
  });
});
