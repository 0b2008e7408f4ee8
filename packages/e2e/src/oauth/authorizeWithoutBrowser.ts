/**
 * Does what the browser of a signed-in user does at the consent page: opens
 * it, approves, and follows the redirect to the client.
 *
 * @param authorizationUrl - what the client wants to be opened
 * @param token - Backstage user token of whoever approves
 */
export async function authorizeWithoutBrowser(
  authorizationUrl: URL,
  token: string,
): Promise<void> {
  const consent = await fetch(authorizationUrl, { redirect: 'manual' });
  const page = consent.headers.get('location');
  const sessionId = /\/oauth2\/authorize\/([^/?]+)$/.exec(page ?? '')?.[1];
  if (!sessionId) {
    throw new Error(
      `Expected a redirect to the consent page, got ${consent.status} to ${page}`,
    );
  }
  const approval = await fetch(
    new URL(`/api/auth/v1/sessions/${sessionId}/approve`, authorizationUrl),
    { method: 'POST', headers: { authorization: `Bearer ${token}` } },
  );
  if (!approval.ok) {
    throw new Error(
      `Could not approve (${approval.status}): ${await approval.text()}`,
    );
  }
  const { redirectUrl } = await approval.json();
  await fetch(redirectUrl);
}
