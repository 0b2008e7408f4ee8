import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FakeAgentAuthApi, refusal, renderPlugin } from '../../__testUtils__';

const SECRET = 'client-secret';

describe('the clients page', () => {
  let api: FakeAgentAuthApi;

  beforeEach(() => {
    api = new FakeAgentAuthApi();
    const common = { deviceFlow: false, confidential: false };
    api.clients = [
      {
        ...common,
        id: 'claude',
        name: 'Claude Code',
        redirectUris: ['http://127.0.0.1/callback'],
        fromConfig: true,
      },
      {
        ...common,
        id: 'cursor',
        name: 'Cursor',
        redirectUris: ['cursor://callback'],
        fromConfig: false,
      },
    ];
  });

  const open = () =>
    renderPlugin({
      path: '/agent-auth/clients',
      api,
      permissions: ['agent-auth.clients.manage'],
    });

  async function fillIn(redirectUri: string) {
    await userEvent.click(
      await screen.findByRole('button', { name: 'Register a client' }),
    );
    const dialog = await screen.findByRole('dialog');
    const field = (name: RegExp) =>
      within(dialog).getByRole('textbox', { name });
    await userEvent.type(field(/^Name/), 'Assistant');
    await userEvent.type(field(/^Client id/), 'assistant');
    await userEvent.type(field(/^Redirect URIs/), redirectUri);
    return dialog;
  }

  it('lets those be removed that were registered here, and not those of the configuration', async () => {
    open();
    const configured = await screen.findByRole('row', { name: /Claude Code/ });
    expect(configured).toHaveTextContent('In the configuration');
    expect(within(configured).queryByRole('button')).toBeNull();
    await userEvent.click(
      screen.getByRole('button', { name: 'Remove Cursor' }),
    );
    const dialog = await screen.findByRole('dialog', {
      name: 'Remove Cursor?',
    });
    expect(api.callsOf('deleteClient')).toEqual([]);
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Remove' }),
    );

    await waitFor(() =>
      expect(screen.queryByRole('row', { name: /Cursor/ })).toBeNull(),
    );
    expect(api.callsOf('deleteClient')).toEqual([['cursor']]);
  });

  it('registers a client, and shows its secret once', async () => {
    open();
    const dialog = await fillIn('https://assistant.example.com/callback');
    await userEvent.click(
      within(dialog).getByRole('checkbox', { name: /Proves itself/ }),
    );
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Register' }),
    );

    const secret = await screen.findByRole('dialog', {
      name: 'Secret of “Assistant”',
    });
    expect(within(secret).getByText(SECRET)).toBeInTheDocument();
    await userEvent.click(within(secret).getByRole('button', { name: 'Done' }));
    expect(
      await screen.findByRole('row', { name: /Assistant/ }),
    ).toBeInTheDocument();
    expect(document.documentElement.innerHTML).not.toContain(SECRET);
    expect(api.callsOf('createClient')).toEqual([
      [
        {
          id: 'assistant',
          name: 'Assistant',
          redirectUris: ['https://assistant.example.com/callback'],
          deviceFlow: false,
          confidential: true,
        },
      ],
    ]);
  });

  it('says what is wrong with a redirect URI while it is typed', async () => {
    open();
    const dialog = await fillIn('http://assistant.example.com/callback');

    expect(within(dialog).getByRole('alert')).toHaveTextContent(
      'has to be https',
    );
    expect(
      within(dialog).getByRole('button', { name: 'Register' }),
    ).toBeDisabled();
  });

  it('keeps what was entered, and says why, when the backend refuses', async () => {
    api.failures.createClient = await refusal(409);
    open();
    const dialog = await fillIn('https://assistant.example.com/callback');
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Register' }),
    );

    expect(await within(dialog).findByRole('alert')).toHaveTextContent('409');
    expect(
      within(dialog).getByRole('textbox', { name: /^Client id/ }),
    ).toHaveValue('assistant');
  });
});
