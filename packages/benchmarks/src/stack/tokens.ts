/**
 * Signs the benchmark's user in, as a browser would.
 *
 * @returns a Backstage user token
 * @throws Error when the backend refuses
 */
export async function signIn(baseUrl: string): Promise<string> {
  const { backstageIdentity } = await read<{
    backstageIdentity: { token: string };
  }>(await fetch(`${baseUrl}/api/auth/benchmark/refresh`));
  return backstageIdentity.token;
}

/**
 * Makes a personal token, as a user would for an agent.
 *
 * @param userToken - from {@link signIn}
 * @param resource - what the token is for
 * @throws Error when the backend refuses
 */
export async function createPersonalToken(
  baseUrl: string,
  userToken: string,
  resource: { audience: string; scopes: string[] },
): Promise<string> {
  const { token } = await read<{ token: string }>(
    await fetch(`${baseUrl}/api/agent-auth/personal-tokens`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${userToken}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        name: 'Benchmark',
        ...resource,
        limits: {},
        lifetimeSeconds: 8 * 60 * 60,
      }),
    }),
  );
  return token;
}

async function read<T>(response: Response): Promise<T> {
  if (!response.ok) {
    throw new Error(
      `No token from ${response.url}: ${
        response.status
      } ${await response.text()}`,
    );
  }
  return (await response.json()) as T;
}
