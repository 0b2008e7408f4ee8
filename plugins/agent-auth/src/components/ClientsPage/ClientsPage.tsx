import { useMemo, useState } from 'react';
import { Button, Container, Flex, Table, Text } from '@backstage/ui';
import type { RegisteredClient } from '@prompt-corner/plugin-agent-auth-common';
import { ConfirmDialog } from '../ConfirmDialog';
import { FailureAlert } from '../FailureAlert';
import { SecretDialog } from '../SecretDialog';
import { clientColumns } from './columns';
import { RegisterClientDialog } from './RegisterClientDialog';
import { useClients } from './useClients';
import styles from './ClientsPage.module.css';

/** Clients that administrators registered, and where to register another. */
export const ClientsPage = () => {
  const { clients, error, retry, register, remove, created, forget } =
    useClients();
  const [isRegistering, setIsRegistering] = useState(false);
  const [removing, setRemoving] = useState<RegisteredClient>();
  const columns = useMemo(() => clientColumns(setRemoving), []);

  return (
    <Container py="5">
      <Flex direction="column" gap="4">
        <div className={styles.top}>
          <Text as="p" color="secondary">
            Users are warned about clients that are not in this list. Those in
            the configuration are changed only there.
          </Text>
          <Button onPress={() => setIsRegistering(true)}>
            Register a client
          </Button>
        </div>
        {error ? (
          <FailureAlert
            title="The clients could not be loaded"
            error={error}
            onRetry={retry}
          />
        ) : (
          <div className={styles.table}>
            <Table
              columnConfig={columns}
              data={clients}
              isPending={!clients}
              pagination={{ type: 'none' }}
              emptyState={
                <Text color="secondary">No client is registered.</Text>
              }
            />
          </div>
        )}
      </Flex>
      {isRegistering && (
        <RegisterClientDialog
          onRegister={register}
          onClose={() => setIsRegistering(false)}
        />
      )}
      {removing && (
        <ConfirmDialog
          title={`Remove ${removing.name}?`}
          action="Remove"
          onConfirm={() => remove(removing)}
          onClose={() => setRemoving(undefined)}
        >
          It cannot sign anybody in any more, and its connections end. This
          cannot be undone.
        </ConfirmDialog>
      )}
      {created?.secret && (
        <SecretDialog
          title={`Secret of “${created.client.name}”`}
          label="Secret"
          secret={created.secret}
          onClose={forget}
        />
      )}
    </Container>
  );
};
