import { useState } from 'react';
import { Alert, Button, Container, Flex, Text } from '@backstage/ui';
import type { Connection } from '@prompt-corner/plugin-agent-auth-common';
import { ConfirmDialog } from '../ConfirmDialog';
import { FailureAlert } from '../FailureAlert';
import { ConnectionCard } from './ConnectionCard';
import { NoConnections } from './NoConnections';
import { useConnections } from './useConnections';
import styles from './ConnectionsPage.module.css';

/**
 * What may act in the user's name, and how to end it.
 *
 * @param props.docsUrl - where users read how to connect a client
 */
export const ConnectionsPage = (props: { docsUrl: string }) => {
  const { connections, error, retry, revoke, revokeAll } = useConnections();
  const [revoking, setRevoking] = useState<Connection | 'all'>();
  const close = () => setRevoking(undefined);

  return (
    <Container py="5">
      {error && (
        <FailureAlert
          title="Your connections could not be loaded"
          error={error}
          onRetry={retry}
        />
      )}
      {!connections && !error && (
        <Alert isPending title="Loading your connections…" />
      )}
      {connections?.length === 0 && <NoConnections docsUrl={props.docsUrl} />}
      {connections && connections.length > 0 && (
        <Flex direction="column" gap="4">
          <div className={styles.top}>
            <Text as="p" color="secondary">
              Each of these may act in your name until it expires or you revoke
              it.
            </Text>
            <Button variant="secondary" onPress={() => setRevoking('all')}>
              Revoke all
            </Button>
          </div>
          <ul className={styles.cards}>
            {connections.map(connection => (
              <li key={connection.id}>
                <ConnectionCard
                  connection={connection}
                  onRevoke={() => setRevoking(connection)}
                />
              </li>
            ))}
          </ul>
        </Flex>
      )}
      {revoking === 'all' && connections && (
        <ConfirmDialog
          title="Revoke all connections?"
          action="Revoke all"
          onConfirm={revokeAll}
          onClose={close}
        >
          All {connections.length} lose access within seconds, on every device.
          Clients have to ask you again; personal tokens have to be replaced.
        </ConfirmDialog>
      )}
      {revoking && revoking !== 'all' && (
        <ConfirmDialog
          title="Revoke this connection?"
          action="Revoke"
          onConfirm={() => revoke(revoking)}
          onClose={close}
        >
          “{revoking.name}” loses access within seconds. This cannot be undone;
          the client has to ask you again.
        </ConfirmDialog>
      )}
    </Container>
  );
};
