/** Shorter ones, such as a version of an API, are no secrets and words of answers. */
const MIN_LENGTH = 16;

/** What stands in answers for a credential. */
const HIDDEN = '[credential]';

/**
 * An answer without the credential of its request, which some APIs repeat in
 * errors and echoes. As plain text, in JSON with escaped slashes, and in URLs.
 *
 * @param headers - that carry the credential
 */
export function withoutCredential(
  text: string,
  headers: Record<string, string>,
): string {
  return Object.values(headers)
    .map(value => value.replace(/^(Bearer|Basic|Token) +/i, ''))
    .filter(secret => secret.length >= MIN_LENGTH)
    .flatMap(secret => [
      secret,
      secret.replaceAll('/', '\\/'),
      encodeURIComponent(secret),
    ])
    .reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text);
}
