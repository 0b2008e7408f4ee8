import { isFramed } from './isFramed';

describe('isFramed', () => {
  it('tells a page on its own from one inside another', () => {
    const frame = document.createElement('iframe');
    document.body.append(frame);

    expect(isFramed()).toBe(false);
    expect(isFramed(frame.contentWindow!)).toBe(true);
  });
});
