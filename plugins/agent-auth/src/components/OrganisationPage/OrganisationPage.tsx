import { useMemo, useState } from 'react';
import { Button, Container, Flex, Table, Text } from '@backstage/ui';
import { usePermission } from '@backstage/plugin-permission-react';
import {
  agentAuthConnectionsRevokePermission,
  agentAuthPrincipalsResolvePermission,
} from '@prompt-corner/plugin-agent-auth-common';
import { ConfirmDialog } from '../ConfirmDialog';
import { FailureAlert } from '../FailureAlert';
import { connectionColumns } from './columns';
import { ConnectionFilter } from './ConnectionFilter';
import { useOrganisation } from './useOrganisation';
import styles from './OrganisationPage.module.css';

/** What may act for anybody in the organisation. People are UUIDs until their names are asked for. */
export const OrganisationPage = () => {
  const organisation = useOrganisation();
  const { query, tableProps, totalItems, selectedIds, names } = organisation;
  const mayRevoke = usePermission({
    permission: agentAuthConnectionsRevokePermission,
  }).allowed;
  const mayResolve = usePermission({
    permission: agentAuthPrincipalsResolvePermission,
  }).allowed;
  const [revoking, setRevoking] = useState<'selected' | 'matching'>();
  const columns = useMemo(() => connectionColumns(names), [names]);
  const isFiltered = Object.values(query).some(value => value !== undefined);

  const { error, ...table } = tableProps;
  return (
    <Container py="5">
      <Flex direction="column" gap="4">
        <ConnectionFilter onFilter={organisation.filterBy} />
        <div className={styles.actions}>
          {mayResolve && (
            <div className={styles.names}>
              <Button
                variant="secondary"
                isDisabled={!organisation.hasUnnamed}
                onPress={organisation.showNames}
              >
                Show names
              </Button>
              <Text variant="body-small" color="secondary">
                Each look-up of a name is recorded, with yours.
              </Text>
            </div>
          )}
          {mayRevoke && (
            <div className={styles.revoke}>
              <Button
                variant="secondary"
                isDisabled={selectedIds.length === 0}
                onPress={() => setRevoking('selected')}
              >
                Revoke selected
              </Button>
              <Button
                variant="secondary"
                // Without a filter this would end everything; the backend refuses that too.
                isDisabled={!isFiltered || totalItems === 0}
                onPress={() => setRevoking('matching')}
              >
                Revoke all that match
              </Button>
            </div>
          )}
        </div>
        {organisation.nameError && (
          <FailureAlert
            title="The names could not be looked up"
            error={organisation.nameError}
          />
        )}
        {error ? (
          <FailureAlert
            title="The connections could not be loaded"
            error={error}
            onRetry={organisation.reload}
          />
        ) : (
          <div className={styles.table}>
            <Table
              {...table}
              columnConfig={columns}
              selection={
                mayRevoke
                  ? {
                      mode: 'multiple',
                      behavior: 'toggle',
                      selected: organisation.selection,
                      onSelectionChange: organisation.setSelection,
                    }
                  : undefined
              }
              emptyState={
                <Text color="secondary">
                  {isFiltered
                    ? 'No connection matches the filter.'
                    : 'Nobody has connected anything yet.'}
                </Text>
              }
            />
          </div>
        )}
      </Flex>
      {revoking === 'selected' && (
        <ConfirmDialog
          title={`Revoke ${countOf(selectedIds.length)}?`}
          action="Revoke"
          onConfirm={() => organisation.revoke({ ids: selectedIds })}
          onClose={() => setRevoking(undefined)}
        >
          What is selected loses access within seconds. This cannot be undone;
          their users have to approve the clients again.
        </ConfirmDialog>
      )}
      {revoking === 'matching' && (
        <ConfirmDialog
          title={`Revoke ${countOf(totalItems)}?`}
          action="Revoke all that match"
          onConfirm={() => organisation.revoke(query)}
          onClose={() => setRevoking(undefined)}
        >
          All that match the filter lose access within seconds, also those on
          other pages of the list and any made in the meantime. This cannot be
          undone.
        </ConfirmDialog>
      )}
    </Container>
  );
};

function countOf(count: number): string {
  return `${count} ${count === 1 ? 'connection' : 'connections'}`;
}
