import type { DiscoveryApi, FetchApi } from '@backstage/frontend-plugin-api';

// Approving must not hang on a provider that does not answer.
const TIMEOUT_MS = 5_000;

/**
 * Asks the auth backend for the user's current ID token, the way Backstage's own
 * auth connectors refresh a session.
 *
 * @param options.provider - id of the auth provider, as in `/api/auth/<id>`
 * @param options.environment - `auth.environment` of the app
 * @returns undefined when there is none, for whatever reason: the backend then
 *   records no claims, and policies that need them do not match
 */
export async function fetchIdToken(options: {
  provider: string;
  environment: string;
  discoveryApi: DiscoveryApi;
  fetchApi: FetchApi;
}): Promise<string | undefined> {
  const { provider, environment, discoveryApi, fetchApi } = options;
  try {
    const baseUrl = await discoveryApi.getBaseUrl('auth');
    const query = `optional&env=${encodeURIComponent(
      environment,
    )}&scope=openid%20profile%20email`;
    const response = await fetchApi.fetch(
      `${baseUrl}/${encodeURIComponent(provider)}/refresh?${query}`,
      {
        credentials: 'include',
        headers: { 'X-Requested-With': 'XMLHttpRequest' },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      },
    );
    if (!response.ok) {
      return undefined;
    }
    const session = await response.json();
    const idToken = session?.providerInfo?.idToken;
    return typeof idToken === 'string' ? idToken : undefined;
  } catch {
    return undefined;
  }
}
