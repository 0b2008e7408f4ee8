import { CookieBrowser } from './CookieBrowser';

/** As much of what the consent page is told as is needed to approve. */
interface ConsentRequest {
  resources: Array<{
    audience: string;
    scopes: Array<{ name: string; requested: boolean }>;
  }>;
  defaultLifetimeSeconds: number;
}

/**
 * Does what the browser of a signed-in user does: opens the authorization
 * request, approves on the consent page what is selected there, and follows
 * the redirects to the client.
 *
 * @param authorizationUrl - what the client wants to be opened
 * @param userToken - Backstage token of who approves
 * @returns the URL of the client at which the browser arrived
 */
export async function authorizeWithoutBrowser(
  authorizationUrl: URL,
  userToken: string,
): Promise<URL> {
  const browser = new CookieBrowser();
  const interaction = await openConsent(browser, authorizationUrl);
  const headers = {
    authorization: `Bearer ${userToken}`,
    'content-type': 'application/json',
  };
  const shown = await browser.send(`${interaction}/consent`, { headers });
  await expectSuccess(shown, 'see the request');
  const request: ConsentRequest = await shown.json();

  const approval = await browser.send(`${interaction}/approve`, {
    method: 'POST',
    headers,
    body: JSON.stringify({
      resources: request.resources.map(({ audience, scopes }) => ({
        audience,
        scopes: scopes
          .filter(({ requested }) => requested)
          .map(({ name }) => name),
      })),
      limits: {},
      lifetimeSeconds: request.defaultLifetimeSeconds,
    }),
  });
  await expectSuccess(approval, 'approve');
  const { redirectUrl } = await approval.json();
  return browser.follow(redirectUrl);
}

async function expectSuccess(response: Response, what: string): Promise<void> {
  if (!response.ok) {
    throw new Error(
      `Could not ${what} (${response.status}): ${await response.text()}`,
    );
  }
}

/** @returns URL of the routes that the consent page asks */
async function openConsent(
  browser: CookieBrowser,
  authorizationUrl: URL,
): Promise<string> {
  const response = await browser.send(authorizationUrl);
  const location = response.headers.get('location') ?? '';
  if (!location.includes('/api/agent-auth/interactions/')) {
    throw new Error(
      `Expected a redirect to the consent page, got ${
        response.status
      } to ${location}: ${await response.text()}`,
    );
  }
  return location;
}
