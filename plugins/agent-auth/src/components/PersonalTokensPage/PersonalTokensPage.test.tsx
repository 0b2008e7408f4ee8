import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FakeAgentAuthApi, refusal, renderPlugin } from '../../__testUtils__';
import { PORTAL, PROXY } from '../../__testUtils__/samples';

const TOKEN = 'pc_secret-of-the-token';

describe('the personal tokens page', () => {
  let api: FakeAgentAuthApi;

  beforeEach(() => {
    api = new FakeAgentAuthApi();
  });

  const open = () => renderPlugin({ path: '/agent-auth/tokens', api });

  it('makes a token that only reads unless the user says otherwise', async () => {
    open();
    const make = await screen.findByRole('button', { name: 'Make token' });
    expect(make).toBeDisabled();
    expect(
      screen.getByRole('checkbox', { name: /Use tools that write/ }),
    ).not.toBeChecked();
    await userEvent.type(
      screen.getByRole('textbox', { name: /^Name/ }),
      'Nightly report',
    );
    await userEvent.click(make);

    await screen.findByRole('dialog');
    expect(api.callsOf('createPersonalToken')).toEqual([
      [
        {
          name: 'Nightly report',
          audience: PORTAL,
          scopes: ['tools:read'],
          limits: {},
          lifetimeSeconds: 7 * 86400,
        },
      ],
    ]);
  });

  it('shows the token once, lets it be copied, and forgets it', async () => {
    const user = userEvent.setup();
    const write = jest.spyOn(navigator.clipboard, 'writeText');
    open();
    await user.type(
      await screen.findByRole('textbox', { name: /^Name/ }),
      'Nightly report',
    );
    await user.click(screen.getByRole('button', { name: 'Make token' }));
    const dialog = await screen.findByRole('dialog');
    expect(within(dialog).getByText(TOKEN)).toBeInTheDocument();
    expect(dialog).toHaveTextContent('It will not be shown again.');
    await user.click(
      within(dialog).getByRole('button', { name: 'Copy token' }),
    );
    expect(write).toHaveBeenCalledWith(TOKEN);
    expect(await within(dialog).findByText('Token copied')).toBeInTheDocument();
    await user.keyboard('{Escape}');
    expect(within(dialog).getByText(TOKEN)).toBeInTheDocument();
    await user.click(within(dialog).getByRole('button', { name: 'Done' }));

    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(document.documentElement.innerHTML).not.toContain(TOKEN);
    expect(screen.getByRole('textbox', { name: /^Name/ })).toHaveValue('');
  });

  it('asks for the limits of the resource that is chosen, and sends no others', async () => {
    open();
    const user = userEvent.setup();
    await user.type(
      await screen.findByRole('textbox', { name: /^Name/ }),
      'Report',
    );
    await user.type(screen.getByRole('textbox', { name: 'Servers' }), 'github');
    await user.click(
      screen.getByRole('button', { name: /^For\b(?! how)|For$/ }),
    );
    await user.click(await screen.findByRole('option', { name: 'AI models' }));
    expect(screen.queryByRole('textbox', { name: 'Servers' })).toBeNull();
    await user.type(screen.getByRole('textbox', { name: 'Models' }), 'haiku*');
    await user.click(screen.getByRole('button', { name: 'Make token' }));

    await screen.findByRole('dialog');
    expect(api.callsOf('createPersonalToken')[0][0]).toMatchObject({
      audience: PROXY,
      scopes: ['models:use'],
      limits: { models: ['haiku*'] },
    });
  });

  it('keeps the form, and says why, when the token could not be made', async () => {
    api.failures.createPersonalToken = await refusal(400);
    open();
    await userEvent.type(
      await screen.findByRole('textbox', { name: /^Name/ }),
      'Report{Enter}',
    );

    expect(await screen.findByRole('alert')).toHaveTextContent(
      'The token could not be made',
    );
    expect(screen.getByRole('textbox', { name: /^Name/ })).toHaveValue(
      'Report',
    );
    expect(screen.queryByRole('dialog')).toBeNull();
  });
});
