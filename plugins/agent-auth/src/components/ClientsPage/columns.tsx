import { Button, Cell, ColumnConfig, Text } from '@backstage/ui';
import type { RegisteredClient } from '@prompt-corner/plugin-agent-auth-common';
import { describeTimeAgo } from '../../format';
import { TextCell } from '../TextCell';
import styles from './ClientsPage.module.css';

/**
 * Columns of the registered clients.
 *
 * @param onRemove - called for a client that is to be removed, never for one of the configuration
 */
export function clientColumns(
  onRemove: (client: RegisteredClient) => void,
): ColumnConfig<RegisteredClient>[] {
  return [
    {
      id: 'name',
      label: 'Client',
      isRowHeader: true,
      minWidth: 160,
      cell: ({ name, id }) => <TextCell title={name} description={id} />,
    },
    {
      id: 'redirects',
      label: 'Redirect URIs',
      minWidth: 240,
      cell: ({ redirectUris }) => (
        <Cell>
          {redirectUris.length === 0 && <Text color="secondary">None</Text>}
          {redirectUris.map(uri => (
            <div key={uri} className={styles.uri}>
              {uri}
            </div>
          ))}
        </Cell>
      ),
    },
    {
      id: 'kind',
      label: 'Signs in',
      minWidth: 170,
      cell: client => (
        <TextCell
          title={client.confidential ? 'With a secret' : 'Without a secret'}
          description={client.deviceFlow ? 'Also on other devices' : undefined}
        />
      ),
    },
    {
      id: 'source',
      label: 'Registered',
      minWidth: 150,
      cell: ({ fromConfig, createdAt }) => (
        <TextCell
          title={fromConfig ? 'In the configuration' : 'On this page'}
          description={createdAt && describeTimeAgo(createdAt)}
        />
      ),
    },
    {
      id: 'actions',
      label: 'Actions',
      minWidth: 120,
      cell: client => (
        <Cell>
          {!client.fromConfig && (
            <Button
              size="small"
              variant="secondary"
              aria-label={`Remove ${client.name}`}
              onPress={() => onRemove(client)}
            >
              Remove
            </Button>
          )}
        </Cell>
      ),
    },
  ];
}
