import { screen } from '@testing-library/react';
import { FakeAgentAuthApi, renderPlugin } from '../../__testUtils__';

describe('the tabs of agent access', () => {
  let api: FakeAgentAuthApi;

  beforeEach(() => {
    api = new FakeAgentAuthApi();
  });

  const tabs = () => screen.getAllByRole('tab').map(tab => tab.textContent);

  it('start with the connections, and show a user no more than her own', async () => {
    renderPlugin({ path: '/agent-auth', api });
    await screen.findByRole('heading', { name: 'Nothing acts in your name' });

    expect(tabs()).toEqual(['Connections', 'Tokens']);
  });

  it.each([
    ['agent-auth.connections.read', 'Organisation'],
    ['agent-auth.clients.manage', 'Clients'],
  ])('with %s have %s too', async (permission, tab) => {
    renderPlugin({ path: '/agent-auth', api, permissions: [permission] });
    await screen.findByRole('tab', { name: tab });

    expect(tabs()).toEqual(['Connections', 'Tokens', tab]);
  });

  it.each(['organisation', 'clients'])(
    'hide the page %s behind its address too',
    async path => {
      renderPlugin({ path: `/agent-auth/${path}`, api });

      expect(await screen.findByText(/not found/i)).toBeInTheDocument();
      expect(api.calls).toEqual([]);
    },
  );
});
