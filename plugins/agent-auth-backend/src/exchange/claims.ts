/** The claims of a token, by name. */
export type Claims = Readonly<Record<string, unknown>>;

/** What a claim has to be. */
export interface ClaimCondition {
  /** See {@link claimAt}. */
  path: string;
  /** Any of these; see {@link matchesPattern}. */
  patterns: string[];
}

/**
 * The value of a claim.
 *
 * @param path - names separated by dots, such as `act.sub`; or, where a name
 *   itself holds a dot, a JSON pointer (RFC 6901), such as
 *   `/kubernetes.io/namespace`
 * @returns undefined when there is none
 */
export function claimAt(claims: Claims, path: string): unknown {
  let value: unknown = claims;
  for (const name of namesIn(path)) {
    // Only what the token itself says: `constructor` is in every object.
    if (
      typeof value !== 'object' ||
      value === null ||
      Array.isArray(value) ||
      !Object.hasOwn(value, name)
    ) {
      return undefined;
    }
    value = (value as Claims)[name];
  }
  return value;
}

/** Whether a path has no empty part. */
export function isClaimPath(path: string): boolean {
  return namesIn(path).every(name => name !== '');
}

/** The name of the claim that a path starts at. */
export function topLevelNameOf(path: string): string {
  return namesIn(path)[0];
}

/** Whether a claim is a string, or a list with a string, that matches. Other types never match. */
export function isMet(condition: ClaimCondition, claims: Claims): boolean {
  const value = claimAt(claims, condition.path);
  const values = Array.isArray(value) ? value : [value];
  return values.some(
    candidate =>
      typeof candidate === 'string' &&
      condition.patterns.some(pattern => matchesPattern(pattern, candidate)),
  );
}

/**
 * Whether a pattern describes the whole of a value. `*` stands for any run of
 * characters, also an empty one and one with slashes; everything else for
 * itself, case included.
 */
export function matchesPattern(pattern: string, value: string): boolean {
  const [first, ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) {
    return value === pattern;
  }
  if (
    value.length < first.length + last.length ||
    !value.startsWith(first) ||
    !value.endsWith(last)
  ) {
    return false;
  }
  // The earliest place for each part leaves the most for the next. No regular
  // expression, whose time could be exponential in what a stranger sends.
  const end = value.length - last.length;
  let position = first.length;
  for (const part of others) {
    const found = value.indexOf(part, position);
    if (found < 0 || found + part.length > end) {
      return false;
    }
    position = found + part.length;
  }
  return true;
}

function namesIn(path: string): string[] {
  return path.startsWith('/')
    ? path
        .slice(1)
        .split('/')
        .map(name => name.replaceAll('~1', '/').replaceAll('~0', '~'))
    : path.split('.');
}
