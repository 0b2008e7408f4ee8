import { useState } from 'react';
import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import useAsyncRetry from 'react-use/esm/useAsyncRetry';
import type {
  PersonalToken,
  PersonalTokenRequest,
} from '@prompt-corner/plugin-agent-auth-common';
import { agentAuthApiRef } from '../../api';

/** What personal tokens can be made for, and making one. */
export function usePersonalTokens() {
  const agentAuthApi = useApi(agentAuthApiRef);
  const options = useAsyncRetry(
    () => agentAuthApi.getPersonalTokenOptions(),
    [agentAuthApi],
  );
  const [isPending, setIsPending] = useState(false);
  const [error, setError] = useState<Error>();
  // Held only while it is shown.
  const [token, setToken] = useState<PersonalToken>();

  const create = async (request: PersonalTokenRequest) => {
    setIsPending(true);
    setError(undefined);
    try {
      setToken(await agentAuthApi.createPersonalToken(request));
    } catch (failure) {
      setError(toError(failure));
    } finally {
      setIsPending(false);
    }
  };

  const forget = () => setToken(undefined);
  return { options, create, isPending, error, token, forget };
}
