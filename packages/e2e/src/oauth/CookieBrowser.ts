// scripts/ is no package that could be imported by name.
// eslint-disable-next-line @backstage/no-relative-monorepo-imports
import { CookieJar } from '../../../../scripts/lib/cookieJar.mjs';

const MAX_REDIRECTS = 10;

/**
 * A browser without window and scripts. It keeps cookies, which tie an approval to where the
 * request was opened.
 */
export class CookieBrowser {
  readonly #cookies = new CookieJar();

  /** Sends one request. Redirects are not followed. */
  async send(url: string | URL, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(url, {
      redirect: 'manual',
      ...init,
      headers: { ...init.headers, cookie: this.#cookies.header(new URL(url)) },
    });
    this.#cookies.store(response);
    return response;
  }

  /** Follows redirects to their end. @returns where that is */
  async follow(firstUrl: string): Promise<URL> {
    let url = new URL(firstUrl);
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const response = await this.send(url);
      const location = response.headers.get('location');
      if (!location) {
        return url;
      }
      url = new URL(location, url);
    }
    throw new Error(`More than ${MAX_REDIRECTS} redirects from ${firstUrl}`);
  }
}
