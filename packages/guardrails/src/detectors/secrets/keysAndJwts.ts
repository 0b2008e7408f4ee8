import { anchoredPattern } from '../anchored';
import type { Detector } from '../Detector';
import { isPlaceholder } from './placeholders';

/** Private keys and JSON web tokens. */
export const KEYS_AND_JWTS: Detector[] = [
  anchoredPattern({
    id: 'secret.private-key',
    category: 'secret',
    severity: 'critical',
    description:
      'Finds private keys in PEM, OpenSSH, PGP and PuTTY form (RFC 7468, RFC 9580), also cut off ones.',
    previewChars: 10,
    anchors: ['-----begin ', 'private-lines: ', '---- begin ssh2 enc'],
    // The body has no dash, so a header without end costs no more than the text
    // up to the next one.
    pattern:
      /-----BEGIN (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----\s{0,4}[A-Za-z0-9+/=][^-]{30,20000}(?:-----END [A-Z0-9 ]{4,40}-----)?|Private-Lines: \d{1,3}(?:\r?\n[A-Za-z0-9+/=]{1,80}){1,99}|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----[^-]{30,20000}/,
    accept: value => {
      const body = value.replace(/-----[^-]*-----/g, '').replace(/\s/g, '');
      return new Set(body).size > 12 && !/\.{3}|…|<[a-z]/i.test(body);
    },
  }),
  anchoredPattern({
    id: 'secret.jwt',
    category: 'secret',
    severity: 'high',
    description: 'Finds signed and encrypted JSON web tokens (RFC 7519).',
    previewChars: 2,
    anchors: ['eyj'],
    pattern:
      /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{12,2000}\.(?:eyJ[A-Za-z0-9_-]{10,8000}\.[A-Za-z0-9_-]{16,1400}|[A-Za-z0-9_-]{0,1400}\.[A-Za-z0-9_-]{10,100}\.[A-Za-z0-9_-]{10,8000}\.[A-Za-z0-9_-]{16,100})(?![A-Za-z0-9_-])/,
    accept: token => hasAlgorithm(token) && !isPlaceholder(token.slice(-24)),
  }),
];

function hasAlgorithm(token: string): boolean {
  const header = Buffer.from(
    token.slice(0, token.indexOf('.')),
    'base64url',
  ).toString('latin1');
  return /"(?:alg|enc)"\s*:/.test(header);
}
