/**
 * Reads sources from a directory. Needs Node.
 *
 * @packageDocumentation
 */
export { readDirectory } from './readDirectory';
