import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import {
  connection,
  FakeAgentAuthApi,
  refusal,
  renderPlugin,
} from '../../__testUtils__';

describe('the connections page', () => {
  let api: FakeAgentAuthApi;

  beforeEach(() => {
    api = new FakeAgentAuthApi();
  });

  const open = () => renderPlugin({ path: '/agent-auth/connections', api });

  const twoConnections = () => [
    connection({ id: 'laptop', name: 'Laptop' }),
    connection({
      id: 'train',
      name: 'Train',
      createdAt: new Date().toISOString(),
    }),
  ];

  it('says in words what each connection is, may do, and when it was used', async () => {
    api.connections = [connection()];
    open();

    const card = await screen.findByRole('article', { name: 'Laptop' });
    for (const words of [
      'Claude CodeRegistered by an administrator',
      'claude-code 2.0.14 on Linux',
      'MCP portal “main”: Use tools that read, Use tools that write',
      'Only servers github',
      'yesterday',
      '3 hours ago from 192.0.2.4',
    ]) {
      expect(card).toHaveTextContent(words);
    }
  });

  it('revokes one only after asking, and leaves the others', async () => {
    api.connections = twoConnections();
    open();
    const revoke = await screen.findByRole('button', { name: 'Revoke Laptop' });
    await userEvent.click(revoke);
    const dialog = await screen.findByRole('dialog', {
      name: 'Revoke this connection?',
    });
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Cancel' }),
    );
    expect(api.callsOf('revokeConnection')).toEqual([]);

    await userEvent.click(revoke);
    await userEvent.click(
      within(await screen.findByRole('dialog')).getByRole('button', {
        name: 'Revoke',
      }),
    );
    expect(
      await screen.findAllByRole('article', { name: 'Train' }),
    ).toHaveLength(1);
    expect(screen.queryByRole('article', { name: 'Laptop' })).toBeNull();
    expect(api.callsOf('revokeConnection')).toEqual([['laptop']]);
  });

  it('revokes all after saying how many, and then says how to connect', async () => {
    api.connections = twoConnections();
    open();
    await userEvent.click(
      await screen.findByRole('button', { name: 'Revoke all' }),
    );
    const dialog = await screen.findByRole('dialog');
    expect(dialog).toHaveTextContent('All 2 lose access');
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Revoke all' }),
    );

    expect(
      await screen.findByText(
        'claude mcp add --transport http catalog https://portal.example.com/api/catalog-mcp/v1',
      ),
    ).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'documentation' })).toHaveAttribute(
      'href',
      expect.stringContaining('getting-started'),
    );
    expect(api.callsOf('revokeAllConnections')).toHaveLength(1);
  });

  it('keeps the question open, and says why, when revoking fails', async () => {
    api.connections = [connection()];
    api.failures.revokeConnection = await refusal(503);
    open();
    await userEvent.click(
      await screen.findByRole('button', { name: 'Revoke Laptop' }),
    );
    const dialog = await screen.findByRole('dialog');
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Revoke' }),
    );

    expect(await within(dialog).findByRole('alert')).toHaveTextContent('503');
  });

  it('offers to try again when the list could not be loaded', async () => {
    api.failures.listConnections = await refusal(503);
    open();
    const retry = await screen.findByRole('button', { name: 'Try again' });
    api.failures = {};
    api.connections = [connection()];
    await userEvent.click(retry);

    expect(await screen.findByRole('article')).toBeInTheDocument();
  });
});
