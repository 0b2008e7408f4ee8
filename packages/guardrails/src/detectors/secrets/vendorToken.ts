import { anchoredPattern } from '../anchored';
import type { AnchoredDetector } from '../Detector';
import type { Severity } from '../../findings';
import { isRandom } from './placeholders';

/**
 * A detector for tokens that a vendor marks with a prefix.
 *
 * @param options.name - the id is `secret.<name>`
 * @param options.what - completes "Finds …"
 * @param options.token - source of a pattern that starts with the prefix, case-sensitive
 * @param options.prefixLength - how much of it is public, and shown in previews
 * @param options.minEntropy - bits a character of the part after the prefix
 */
export function vendorToken(options: {
  name: string;
  what: string;
  anchors: readonly string[];
  token: string;
  prefixLength: number;
  severity?: Severity;
  minEntropy?: number;
}): AnchoredDetector {
  const { prefixLength, minEntropy = 2.6 } = options;
  return anchoredPattern({
    id: `secret.${options.name}`,
    category: 'secret',
    severity: options.severity ?? 'critical',
    description: `Finds ${options.what}.`,
    previewChars: prefixLength,
    anchors: options.anchors,
    pattern: new RegExp(`(?<![A-Za-z0-9_])(?:${options.token})(?![A-Za-z0-9])`),
    accept: token => isRandom(token.slice(prefixLength), minEntropy),
  });
}
