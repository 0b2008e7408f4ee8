import {
  configApiRef,
  discoveryApiRef,
  fetchApiRef,
  useApi,
} from '@backstage/frontend-plugin-api';
import { fetchIdToken } from './fetchIdToken';

/**
 * Returns a function that asks an auth provider for the user's ID token.
 * It takes the provider's id, and returns undefined without one.
 */
export function useIdToken(): (
  provider?: string,
) => Promise<string | undefined> {
  const configApi = useApi(configApiRef);
  const discoveryApi = useApi(discoveryApiRef);
  const fetchApi = useApi(fetchApiRef);

  return async provider => {
    if (!provider) {
      return undefined;
    }
    const environment =
      configApi.getOptionalString('auth.environment') ?? 'development';
    return fetchIdToken({ provider, environment, discoveryApi, fetchApi });
  };
}
