import { Cell, ColumnConfig } from '@backstage/ui';
import type {
  Connection,
  ResolvedPrincipal,
} from '@prompt-corner/plugin-agent-auth-common';
import {
  describeGrantType,
  describeOrigin,
  describeTimeAgo,
} from '../../format';
import { GrantSummary } from '../GrantSummary';
import { TextCell } from '../TextCell';

/**
 * Columns of the organisation's connections.
 *
 * @param names - who is behind a UUID, as far as it was looked up
 */
export function connectionColumns(
  names: Record<string, ResolvedPrincipal>,
): ColumnConfig<Connection>[] {
  return [
    {
      id: 'principal',
      label: 'User or service',
      minWidth: 230,
      cell: ({ principal }) => (
        <TextCell
          title={names[principal]?.entityRef ?? principal}
          description={names[principal] && principal}
        />
      ),
    },
    {
      id: 'name',
      label: 'Connection',
      isRowHeader: true,
      minWidth: 150,
      cell: ({ name, grantType }) => (
        <TextCell title={name} description={describeGrantType(grantType)} />
      ),
    },
    {
      id: 'client',
      label: 'Client',
      minWidth: 150,
      cell: ({ client }) => (
        <TextCell title={client.name} description={describeOrigin(client)} />
      ),
    },
    {
      id: 'may',
      label: 'May',
      minWidth: 220,
      cell: connection => (
        <Cell>
          <GrantSummary connection={connection} />
        </Cell>
      ),
    },
    {
      id: 'used',
      label: 'Last used',
      minWidth: 140,
      cell: ({ lastUsedAt, lastUsedFrom, createdAt }) => (
        <TextCell
          title={lastUsedAt ? describeTimeAgo(lastUsedAt) : 'Never'}
          description={
            lastUsedAt ? lastUsedFrom : `Created ${describeTimeAgo(createdAt)}`
          }
        />
      ),
    },
    {
      id: 'expires',
      label: 'Expires',
      minWidth: 110,
      cell: ({ expiresAt }) => <TextCell title={describeTimeAgo(expiresAt)} />,
    },
  ];
}
