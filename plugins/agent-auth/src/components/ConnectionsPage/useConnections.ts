import { toastApiRef, useApi } from '@backstage/frontend-plugin-api';
import useAsyncRetry from 'react-use/esm/useAsyncRetry';
import type { Connection } from '@prompt-corner/plugin-agent-auth-common';
import { agentAuthApiRef } from '../../api';

const TOAST_MS = 5_000;

/** The user's connections, newest first, and how to end them. */
export function useConnections() {
  const agentAuthApi = useApi(agentAuthApiRef);
  const toastApi = useApi(toastApiRef);
  const { value, loading, error, retry } = useAsyncRetry(async () => {
    const connections = await agentAuthApi.listConnections();
    return connections.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  }, [agentAuthApi]);

  const say = (title: string) => toastApi.post({ title, timeout: TOAST_MS });

  const revoke = async (connection: Connection) => {
    await agentAuthApi.revokeConnection(connection.id);
    say(`“${connection.name}” has no access any more`);
    retry();
  };

  const revokeAll = async () => {
    const { revoked } = await agentAuthApi.revokeAllConnections();
    say(`${revoked} ${revoked === 1 ? 'connection' : 'connections'} revoked`);
    retry();
  };

  return { connections: value, loading, error, retry, revoke, revokeAll };
}
