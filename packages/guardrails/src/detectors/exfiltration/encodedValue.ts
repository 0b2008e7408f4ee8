import { decodeText } from '../../text/decode';
import { entropyOf } from '../../text/entropy';

/** Shorter ones are ids, signatures and hashes. */
const MIN_OPAQUE = 256;

const MIN_READABLE = 32;

/**
 * @returns true when a part of a URL carries encoded data, rather than an id, a
 *   hash or a signature: it decodes to text, or is long and random
 */
export function carriesData(value: string): boolean {
  if (value.length < MIN_READABLE) {
    return false;
  }
  if (isNeedlesslyPercentEncoded(value)) {
    return true;
  }
  if (!/^[A-Za-z0-9+/_=-]+$/.test(value)) {
    return false;
  }
  return (
    decodeText(value) !== undefined ||
    (value.length >= MIN_OPAQUE && entropyOf(value) > 3.8)
  );
}

/** Nobody writes letters and digits as %41: only what hides them does. */
function isNeedlesslyPercentEncoded(value: string): boolean {
  const needless = value.match(
    /%(?:3[0-9]|4[1-9a-f]|5[0-9a]|6[1-9a-f]|7[0-9a])/gi,
  );
  return (needless?.length ?? 0) >= 10;
}
