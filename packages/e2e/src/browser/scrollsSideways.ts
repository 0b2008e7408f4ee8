import type { Page } from 'playwright-core';

/** Width of a small telephone, CSS pixels. */
export const NARROW = { width: 360, height: 740 };

/**
 * Finds what would have to be scrolled sideways.
 *
 * @returns a line for each element, with how much it is too wide; empty when all fits
 */
export async function scrollsSideways(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const isScrollable = (element: Element) =>
      element === document.documentElement ||
      ['auto', 'scroll'].includes(getComputedStyle(element).overflowX);
    return [...document.querySelectorAll('*')]
      .filter(
        element =>
          element.scrollWidth > element.clientWidth && isScrollable(element),
      )
      .map(
        ({ tagName, className, scrollWidth, clientWidth }) =>
          `${tagName}.${className}: ${scrollWidth} > ${clientWidth}`,
      );
  });
}
