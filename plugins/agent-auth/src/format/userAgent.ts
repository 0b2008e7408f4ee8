const LONGEST = 60;

const SYSTEMS: Array<[pattern: RegExp, name: string]> = [
  [/android/i, 'Android'],
  [/iphone|ipad|ios/i, 'iOS'],
  [/windows|win32/i, 'Windows'],
  [/mac ?os|darwin|macintosh/i, 'macOS'],
  [/linux|x11/i, 'Linux'],
];

// Each browser also claims to be those after it.
const BROWSERS: Array<[pattern: RegExp, name: string]> = [
  [/edg\//i, 'Edge'],
  [/firefox\//i, 'Firefox'],
  [/chrom(e|ium)\//i, 'Chrome'],
  [/safari\//i, 'Safari'],
];

/**
 * Shortens a user agent to what a person recognises. It is the program's own
 * claim, so it helps to remember a connection and proves nothing.
 *
 * @returns such as `claude-code 2.0.14 on Linux` or `Chrome on macOS`
 */
export function describeUserAgent(userAgent: string): string {
  const system = SYSTEMS.find(([pattern]) => pattern.test(userAgent))?.[1];
  const program = nameProgram(userAgent);
  const short = system ? `${program} on ${system}` : program;
  return short.length > LONGEST ? `${short.slice(0, LONGEST - 1)}…` : short;
}

function nameProgram(userAgent: string): string {
  if (userAgent.startsWith('Mozilla/')) {
    const browser = BROWSERS.find(([pattern]) => pattern.test(userAgent));
    return browser?.[1] ?? 'A browser';
  }
  const [product] = userAgent.trim().split(/[\s(;]/);
  return product.replace('/', ' ') || 'Unknown program';
}
