import type { Portal } from './startPortal';

/** Calls the plugin's API as a page does for its signed-in user. */
export async function callApi(
  portal: Portal,
  user: string,
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: any }> {
  const response = await fetch(`${portal.issuer}${path}`, {
    method,
    headers: {
      authorization: await portal.signIn(user),
      'content-type': 'application/json',
    },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : {} };
}
