import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import {
  connection,
  FakeAgentAuthApi,
  renderPlugin,
} from '../../__testUtils__';

const ALL = [
  'agent-auth.connections.read',
  'agent-auth.connections.revoke',
  'agent-auth.principals.resolve',
];
const UUID = connection().principal;

describe('the organisation page', () => {
  let api: FakeAgentAuthApi;

  beforeEach(() => {
    api = new FakeAgentAuthApi();
    api.connections = Array.from({ length: 23 }, (_, index) =>
      connection({
        id: `id-${index}`,
        name: `Connection ${index}`,
        client:
          index < 2
            ? { id: 'old', name: 'Old client', origin: 'dynamic' }
            : connection().client,
      }),
    );
  });

  const open = (permissions = ALL) =>
    renderPlugin({ path: '/agent-auth/organisation', api, permissions });

  const row = (name: string) =>
    screen.findByRole('row', { name: RegExp(name) });

  it('shows people as UUIDs until their names are asked for', async () => {
    open();
    expect(await row('Connection 0')).toHaveTextContent(UUID);
    expect(screen.queryByText('user:default/ada')).toBeNull();
    expect(
      screen.getByText('Each look-up of a name is recorded, with yours.'),
    ).toBeInTheDocument();
    expect(api.callsOf('resolvePrincipals')).toEqual([]);

    await userEvent.click(screen.getByRole('button', { name: 'Show names' }));
    await waitFor(async () =>
      expect(await row('Connection 0')).toHaveTextContent('user:default/ada'),
    );
    expect(api.callsOf('resolvePrincipals')).toEqual([[[UUID]]]);
    expect(screen.getByRole('button', { name: 'Show names' })).toBeDisabled();
  });

  it('pages through what the backend has', async () => {
    open();
    await row('Connection 19');
    expect(screen.queryByText('Connection 20')).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: /next/i }));

    await row('Connection 22');
    expect(api.callsOf('listAllConnections').pop()).toEqual([
      expect.objectContaining({ cursor: '20' }),
    ]);
  });

  it('revokes what is selected, after saying how many', async () => {
    open();
    await userEvent.click(
      within(await row('Connection 3')).getByRole('checkbox'),
    );
    await userEvent.click(
      within(await row('Connection 5')).getByRole('checkbox'),
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'Revoke selected' }),
    );
    const dialog = await screen.findByRole('dialog', {
      name: 'Revoke 2 connections?',
    });
    expect(api.callsOf('revokeConnections')).toEqual([]);
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Revoke' }),
    );

    await waitFor(() => expect(screen.queryByText('Connection 3')).toBeNull());
    expect(api.callsOf('revokeConnections')).toEqual([
      [{ ids: ['id-3', 'id-5'] }],
    ]);
  });

  it('revokes all that match a filter, but never without one', async () => {
    open();
    await row('Connection 0');
    expect(
      screen.getByRole('button', { name: 'Revoke all that match' }),
    ).toBeDisabled();
    await userEvent.type(
      screen.getByRole('textbox', { name: 'Client id' }),
      'old{Enter}',
    );
    await waitFor(() => expect(screen.queryByText('Connection 2')).toBeNull());
    await userEvent.click(
      screen.getByRole('button', { name: 'Revoke all that match' }),
    );
    const dialog = await screen.findByRole('dialog', {
      name: 'Revoke 2 connections?',
    });
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Revoke all that match' }),
    );

    expect(
      await screen.findByText('No connection matches the filter.'),
    ).toBeInTheDocument();
    expect(api.callsOf('revokeConnections')).toEqual([[{ clientId: 'old' }]]);
  });

  it('asks for unused ones only together with an age', async () => {
    open();
    await row('Connection 0');
    expect(
      screen.getByRole('checkbox', { name: 'And not used since' }),
    ).toBeDisabled();
    await userEvent.type(
      screen.getByRole('textbox', { name: 'At least this many days old' }),
      '90',
    );
    await userEvent.tab();
    await userEvent.click(
      screen.getByRole('checkbox', { name: 'And not used since' }),
    );
    await userEvent.click(screen.getByRole('button', { name: 'Filter' }));

    await waitFor(() =>
      expect(api.callsOf('listAllConnections').pop()).toEqual([
        expect.objectContaining({ olderThanDays: 90, unusedOnly: true }),
      ]),
    );
  });

  it('offers neither names nor revoking to those who may only read', async () => {
    open(['agent-auth.connections.read']);
    const first = await row('Connection 0');

    expect(within(first).queryByRole('checkbox')).toBeNull();
    expect(screen.queryByRole('button', { name: 'Show names' })).toBeNull();
    expect(screen.queryByRole('button', { name: /Revoke/ })).toBeNull();
  });
});
