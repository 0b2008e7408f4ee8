import { useCallback, useEffect, useState } from 'react';
import { UserIdentity } from '@backstage/core-components';
import { IdentityApi, useApi } from '@backstage/frontend-plugin-api';
import { useSearchParams } from 'react-router-dom';
import { oidcAuthApiRef } from './oidcAuthApi';

/** Where the visitor is on the way in. */
export type SignInState =
  | { status: 'checking' }
  | { status: 'signed-out'; error?: string }
  | { status: 'signing-in' };

/**
 * Resumes the session of an earlier visit, and otherwise signs in when asked to.
 *
 * @param onSuccess - called once, with the identity of the user
 * @returns the state, and the function that opens the provider's page
 */
export function useSignIn(onSuccess: (identity: IdentityApi) => void) {
  const authApi = useApi(oidcAuthApiRef);
  // Where the whole page went to the provider instead of a popup, a failure comes back as this.
  const [searchParams] = useSearchParams();
  const returnedError = searchParams.get('error') ?? undefined;
  const [state, setState] = useState<SignInState>({ status: 'checking' });

  const enter = useCallback(
    async (options: { optional: true } | { instantPopup: true }) => {
      try {
        const session = await authApi.getBackstageIdentity(options);
        if (!session) {
          setState({ status: 'signed-out', error: returnedError });
          return;
        }
        const profile = await authApi.getProfile();
        onSuccess(
          UserIdentity.create({ identity: session.identity, authApi, profile }),
        );
      } catch (error) {
        const { name, message } = error as Error;
        // Closing the popup is a choice, not a failure.
        const isClosed = name === 'PopupRejectedError';
        setState({
          status: 'signed-out',
          error: isClosed ? undefined : message,
        });
      }
    },
    [authApi, onSuccess, returnedError],
  );

  useEffect(() => {
    enter({ optional: true });
  }, [enter]);

  const signIn = () => {
    setState({ status: 'signing-in' });
    enter({ instantPopup: true });
  };
  return { state, signIn };
}
