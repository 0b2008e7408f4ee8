import { hash } from 'node:crypto';

/**
 * By which a token is stored, looked up and asked for.
 *
 * Tokens are long random strings, so a plain hash cannot be guessed back, and
 * since it is the hash that is looked up in maps and indexes, the time that
 * takes tells nothing about any token: there is nothing to compare in constant time.
 *
 * @returns SHA-256, hex
 * @internal
 */
export function hashToken(token: string): string {
  return hash('sha256', token, 'hex');
}
