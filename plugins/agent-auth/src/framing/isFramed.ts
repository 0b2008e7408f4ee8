/**
 * Tells whether a page is shown inside another one, which could lay something
 * over it and steal a click. Works across origins: comparing is always allowed.
 */
export function isFramed(page: Pick<Window, 'top' | 'self'> = window): boolean {
  return page.top !== page.self;
}
