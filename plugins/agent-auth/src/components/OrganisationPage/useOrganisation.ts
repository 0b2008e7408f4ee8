import { useState } from 'react';
import { toError } from '@backstage/errors';
import { toastApiRef, useApi } from '@backstage/frontend-plugin-api';
import { Selection, useTable } from '@backstage/ui';
import type {
  Connection,
  ConnectionQuery,
  ResolvedPrincipal,
} from '@prompt-corner/plugin-agent-auth-common';
import { agentAuthApiRef } from '../../api';

const PAGE_SIZE = 20;
const TOAST_MS = 5_000;

/** The organisation's connections a page at a time, who is behind them, and how to end them. */
export function useOrganisation() {
  const agentAuthApi = useApi(agentAuthApiRef);
  const toastApi = useApi(toastApiRef);
  const [query, setQuery] = useState<ConnectionQuery>({});
  const [selection, setSelection] = useState<Selection>(new Set());
  const [names, setNames] = useState<Record<string, ResolvedPrincipal>>({});
  const [nameError, setNameError] = useState<Error>();

  const { tableProps, reload } = useTable<Connection, ConnectionQuery>({
    mode: 'cursor',
    filter: query,
    paginationOptions: { pageSize: PAGE_SIZE, showPageSizeOptions: false },
    getData: async ({ cursor, pageSize, filter }) => {
      const page = await agentAuthApi.listAllConnections({
        ...filter,
        limit: pageSize,
        cursor,
      });
      return {
        data: page.items,
        nextCursor: page.nextCursor,
        totalCount: page.totalItems,
      };
    },
  });
  const shown = tableProps.data ?? [];
  const selectedIds = shown
    .map(({ id }) => id)
    .filter(id => selection === 'all' || selection.has(id));
  const totalItems =
    tableProps.pagination.type === 'page'
      ? tableProps.pagination.totalCount ?? 0
      : shown.length;

  const filterBy = (changed: ConnectionQuery) => {
    setSelection(new Set());
    setQuery(changed);
  };

  const showNames = async () => {
    setNameError(undefined);
    const uuids = [...new Set(shown.map(({ principal }) => principal))].filter(
      uuid => !names[uuid],
    );
    try {
      const resolved = await agentAuthApi.resolvePrincipals(uuids);
      setNames(known => ({
        ...known,
        ...Object.fromEntries(resolved.map(found => [found.uuid, found])),
      }));
    } catch (error) {
      setNameError(toError(error));
    }
  };

  const revoke = async (which: ConnectionQuery & { ids?: string[] }) => {
    const { revoked } = await agentAuthApi.revokeConnections(which);
    toastApi.post({
      title: `${revoked} ${
        revoked === 1 ? 'connection' : 'connections'
      } revoked`,
      timeout: TOAST_MS,
    });
    setSelection(new Set());
    reload();
  };

  return {
    query,
    filterBy,
    tableProps,
    reload,
    totalItems,
    selection,
    setSelection,
    selectedIds,
    names,
    nameError,
    showNames,
    hasUnnamed: shown.some(({ principal }) => !names[principal]),
    revoke,
  };
}
