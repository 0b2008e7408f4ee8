import { CookieJar } from './cookieJar.mjs';

const MAX_REDIRECTS = 10;

/**
 * Signs in to the demo as a persona, exactly as a browser does (OpenID Connect, authorization
 * code flow), and returns what the portal would hand to its page.
 *
 * @param {string} baseUrl base URL of the portal
 * @param {string} persona id of the persona, for example `ada`
 * @returns {Promise<{ token: string, expiresInSeconds: number, identity: { userEntityRef: string, ownershipEntityRefs: string[] }, idToken: string }>}
 *   `token` is Backstage's, `idToken` that of the identity provider
 * @throws {Error} when the sign-in is refused; the message says why
 */
export async function signIn(baseUrl, persona) {
  const browser = new Browser();
  const start = new URL('/api/auth/oidc/start', baseUrl);
  start.search = new URLSearchParams({
    env: 'development',
    scope: 'openid profile email',
    origin: baseUrl,
  }).toString();

  const chooser = await browser.get(start);
  if (!chooser.url.pathname.includes('/interaction/')) {
    throw new Error(
      `Expected the sign-in page, got ${chooser.status} from ${chooser.url.pathname}`,
    );
  }
  const frame = await browser.post(chooser.url, { persona });
  if (!frame.url.pathname.endsWith('/handler/frame')) {
    throw new Error(`Sign-in as '${persona}' was refused (${frame.status})`);
  }
  const { response, error } = readFrame(frame.body);
  if (!response?.backstageIdentity) {
    throw new Error(
      `Sign-in as '${persona}' failed: ${error?.message ?? 'no identity'}`,
    );
  }
  return {
    ...response.backstageIdentity,
    idToken: response.providerInfo.idToken,
  };
}

// The page at the end of the flow hands its result to the window that opened it, in a script
// with the JSON as its first URI-encoded text.
function readFrame(html) {
  const encoded = /decodeURIComponent\('([^']*)'\)/.exec(html)?.[1];
  return encoded ? JSON.parse(decodeURIComponent(encoded)) : {};
}

// Follows redirects by hand, because fetch neither keeps cookies nor shows those of a redirect.
class Browser {
  #cookies = new CookieJar();

  get(url) {
    return this.#request(new URL(url), { method: 'GET' });
  }

  post(url, form) {
    return this.#request(new URL(url), {
      method: 'POST',
      body: new URLSearchParams(form),
    });
  }

  async #request(firstUrl, firstInit) {
    let url = firstUrl;
    let init = firstInit;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const response = await fetch(url, {
        ...init,
        redirect: 'manual',
        headers: { cookie: this.#cookies.header(url) },
      });
      this.#cookies.store(response);
      const location = response.headers.get('location');
      const body = await response.text();
      if (!location) {
        return { url, status: response.status, body };
      }
      url = new URL(location, url);
      init = { method: 'GET' };
    }
    throw new Error(`More than ${MAX_REDIRECTS} redirects from ${firstUrl}`);
  }
}
