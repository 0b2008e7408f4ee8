import { useState } from 'react';
import { toastApiRef, useApi } from '@backstage/frontend-plugin-api';
import useAsyncRetry from 'react-use/esm/useAsyncRetry';
import type {
  NewRegisteredClient,
  RegisteredClient,
  RegisteredClientInput,
} from '@prompt-corner/plugin-agent-auth-common';
import { agentAuthApiRef } from '../../api';

const TOAST_MS = 5_000;

/** The registered clients, and how to add and remove them. */
export function useClients() {
  const agentAuthApi = useApi(agentAuthApiRef);
  const toastApi = useApi(toastApiRef);
  const { value, error, retry } = useAsyncRetry(
    () => agentAuthApi.listClients(),
    [agentAuthApi],
  );
  // Held only while its secret is shown.
  const [created, setCreated] = useState<NewRegisteredClient>();

  const register = async (input: RegisteredClientInput) => {
    const answer = await agentAuthApi.createClient(input);
    if (answer.secret) {
      setCreated(answer);
    } else {
      toastApi.post({
        title: `“${answer.client.name}” is registered`,
        timeout: TOAST_MS,
      });
    }
    retry();
  };

  const remove = async (client: RegisteredClient) => {
    await agentAuthApi.deleteClient(client.id);
    toastApi.post({ title: `“${client.name}” is removed`, timeout: TOAST_MS });
    retry();
  };

  const forget = () => setCreated(undefined);
  return { clients: value, error, retry, register, remove, created, forget };
}
