/**
 * Just enough of RFC 6265 for a sign-in at one host: names, values, `Path` and `Max-Age=0`.
 */
export class CookieJar {
  #cookies = new Map();

  /**
   * Remembers the cookies of a response.
   *
   * @param {Response} response a response of the host
   */
  store(response) {
    for (const header of response.headers.getSetCookie()) {
      const [pair, ...attributes] = header.split(';').map(part => part.trim());
      const separator = pair.indexOf('=');
      const name = pair.slice(0, separator);
      const attribute = wanted =>
        attributes
          .find(item => item.toLowerCase().startsWith(`${wanted}=`))
          ?.slice(wanted.length + 1);
      const path = attribute('path') ?? '/';
      const key = `${name};${path}`;
      const expires = attribute('expires');
      const isExpired =
        attribute('max-age') === '0' ||
        (expires && Date.parse(expires) <= Date.now());
      if (isExpired) {
        this.#cookies.delete(key);
      } else {
        this.#cookies.set(key, {
          name,
          path,
          value: pair.slice(separator + 1),
        });
      }
    }
  }

  /**
   * The `Cookie` header for a request.
   *
   * @param {URL} url what is requested
   * @returns {string} empty when no cookie applies
   */
  header(url) {
    return [...this.#cookies.values()]
      .filter(({ path }) => pathMatches(url.pathname, path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }
}

// RFC 6265, section 5.1.4
function pathMatches(requested, path) {
  if (!requested.startsWith(path)) {
    return false;
  }
  return (
    requested.length === path.length ||
    path.endsWith('/') ||
    requested[path.length] === '/'
  );
}
