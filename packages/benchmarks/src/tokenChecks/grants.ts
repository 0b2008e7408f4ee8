import { createHash } from 'node:crypto';

/** One connection of a user, and its one token. */
export interface Grant {
  connectionId: string;
  token: string;
}

/**
 * The n-th grant of a run. Both processes compute it, so that tokens need not
 * travel.
 *
 * @param seed - random, of the run
 */
export function grantAt(seed: string, index: number): Grant {
  return {
    connectionId: uuidOf(hash(`${seed} connection ${index}`)),
    token: hash(`${seed} token ${index}`).toString('base64url'),
  };
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** In the form of a random UUID (RFC 9562, section 5.4), which agent-auth insists on. */
function uuidOf(bytes: Buffer): string {
  bytes[6] = 0x40 + (bytes[6] % 0x10);
  bytes[8] = 0x80 + (bytes[8] % 0x40);
  return bytes
    .toString('hex', 0, 16)
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
