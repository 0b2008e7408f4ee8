import { InputError } from '@backstage/errors';

// What the browser would run or show with this page's own origin.
const SCHEMES_OF_THIS_ORIGIN = ['javascript', 'data', 'blob', 'vbscript'];

/**
 * Sends the browser away, for good.
 *
 * @param url - absolute; a scheme of a program on this computer is fine
 * @throws InputError when the URL could run a script in this page
 */
export function leaveTo(
  url: string,
  location: Pick<Location, 'assign'> = window.location,
): void {
  const { protocol } = new URL(url);
  if (SCHEMES_OF_THIS_ORIGIN.includes(protocol.slice(0, -1))) {
    throw new InputError(
      `The client asks to be called at a ${protocol} address, which is not safe to open. Tell whoever runs the client.`,
    );
  }
  location.assign(url);
}
