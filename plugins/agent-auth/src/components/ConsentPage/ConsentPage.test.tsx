import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import {
  consentRequest,
  FakeAgentAuthApi,
  refusal,
  renderPlugin,
  waitUntilEnabled,
} from '../../__testUtils__';
import { PORTAL, PROXY } from '../../__testUtils__/samples';
import { isFramed } from '../../framing';
import { leaveTo } from '../../navigation';

// jsdom neither navigates nor lets a test put it into a frame.
jest.mock('../../navigation', () => ({ leaveTo: jest.fn() }));
jest.mock('../../framing', () => ({ isFramed: jest.fn() }));

const WEEK = 7 * 86400;

describe('the consent page', () => {
  let api: FakeAgentAuthApi;

  beforeEach(() => {
    jest.mocked(leaveTo).mockReset();
    jest.mocked(isFramed).mockReset().mockReturnValue(false);
    api = new FakeAgentAuthApi();
  });

  const open = (fetch?: typeof global.fetch) =>
    renderPlugin({ path: '/agent-auth/consent/interaction-1', api, fetch });

  const approveButton = () => screen.findByRole('button', { name: 'Approve' });

  async function approve() {
    const button = await approveButton();
    await waitUntilEnabled(button);
    await userEvent.click(button);
  }

  it('says who asks, where the answer goes, what to watch out for and in whose name', async () => {
    open();

    const heading = await screen.findByRole('heading', {
      level: 1,
      name: 'Claude Code asks for access',
    });
    expect(heading).toHaveFocus();
    expect(screen.getByText('Described at claude.ai')).toBeInTheDocument();
    expect(screen.getByText('A program on this computer')).toBeInTheDocument();
    expect(
      screen.getByText('http://127.0.0.1:51234/callback'),
    ).toBeInTheDocument();
    expect(
      screen.getByText('The answer goes to a program on this computer'),
    ).toBeInTheDocument();
    expect(
      screen.getByText('No administrator has checked this client'),
    ).toBeInTheDocument();
    expect(
      await screen.findByText('Ada Ferreira (user:default/ada)'),
    ).toBeInTheDocument();
    expect(
      within(screen.getByRole('group', { name: 'MCP portal' })).getByRole(
        'checkbox',
        { name: /Use tools that write.*Can change things/ },
      ),
    ).toBeChecked();
  });

  it('sends what the user narrowed it to, and goes where the backend says', async () => {
    open();
    const user = userEvent.setup();
    await user.click(
      await screen.findByRole('checkbox', { name: /Use tools that write/ }),
    );
    await user.type(
      screen.getByRole('textbox', { name: 'Servers' }),
      'github, jira*',
    );
    await user.type(screen.getByRole('textbox', { name: 'Models' }), 'haiku*');
    const budget = screen.getByRole('textbox', { name: 'Budget for a day' });
    await user.type(budget, '2.50');
    await user.tab();
    // A number counts once its field was left.
    await waitFor(() => expect(budget).toHaveValue('$2.50'));
    const name = screen.getByRole('textbox', {
      name: 'Name of the connection',
    });
    await user.clear(name);
    await user.type(name, 'Work laptop');
    await user.click(screen.getByRole('button', { name: /For how long/ }));
    await user.click(await screen.findByRole('option', { name: '8 hours' }));
    await approve();

    expect(
      await screen.findByRole('heading', { name: 'Approved' }),
    ).toHaveFocus();
    expect(screen.getByText(/You can go back to/)).toHaveTextContent(
      'You can go back to Claude Code.',
    );
    expect(api.callsOf('approveConsent')).toEqual([
      [
        'interaction-1',
        {
          resources: [
            { audience: PORTAL, scopes: ['tools:read'] },
            { audience: PROXY, scopes: ['models:use'] },
          ],
          limits: {
            servers: ['github', 'jira*'],
            models: ['haiku*'],
            budgetUsdPerDay: 2.5,
          },
          lifetimeSeconds: 8 * 3600,
          name: 'Work laptop',
        },
      ],
    ]);
    expect(leaveTo).toHaveBeenCalledWith(
      'https://portal.example.com/resume/approved',
    );
  });

  it('sends neither a resource of which nothing is left nor its limits, and nothing by Enter', async () => {
    open();
    const user = userEvent.setup();
    await waitUntilEnabled(await approveButton());
    await user.type(
      screen.getByRole('textbox', { name: 'Models' }),
      'haiku{Enter}',
    );
    expect(api.callsOf('approveConsent')).toEqual([]);
    await user.click(screen.getByRole('checkbox', { name: /Use AI models/ }));

    expect(screen.queryByRole('textbox', { name: 'Models' })).toBeNull();
    await approve();
    await screen.findByRole('heading', { name: 'Approved' });
    expect(api.callsOf('approveConsent')[0][1]).toMatchObject({
      resources: [{ audience: PORTAL, scopes: ['tools:read', 'tools:write'] }],
      limits: {},
    });
  });

  it('cannot approve nothing', async () => {
    open();
    await waitUntilEnabled(await approveButton());
    for (const checkbox of screen.getAllByRole('checkbox')) {
      await userEvent.click(checkbox);
    }

    expect(await approveButton()).toBeDisabled();
    expect(
      screen.getByText('Select at least one thing that it may do, or deny.'),
    ).toBeInTheDocument();
  });

  it('fills in what the user chose the last time, but only what is asked for now', async () => {
    const asked = consentRequest();
    const [portal, proxy] = asked.resources;
    portal.scopes = portal.scopes.map(scope => ({
      ...scope,
      requested: !scope.write,
    }));
    api.consent = {
      ...asked,
      resources: [portal, proxy],
      remembered: {
        resources: [
          { audience: PORTAL, scopes: ['tools:read', 'tools:write'] },
          { audience: PROXY, scopes: [] },
          { audience: 'https://elsewhere.example', scopes: ['catalog:read'] },
        ],
        limits: { servers: ['github'] },
        lifetimeSeconds: 365 * 86400,
        name: 'Old laptop',
      },
    };
    open();

    expect(
      await screen.findByRole('checkbox', { name: /Use tools that read/ }),
    ).toBeChecked();
    expect(
      screen.queryByRole('checkbox', { name: /Use tools that write/ }),
    ).toBeNull();
    expect(
      screen.getByRole('checkbox', { name: /Use AI models/ }),
    ).not.toBeChecked();
    await approve();
    await screen.findByRole('heading', { name: 'Approved' });
    expect(api.callsOf('approveConsent')[0][1]).toEqual({
      resources: [{ audience: PORTAL, scopes: ['tools:read'] }],
      limits: { servers: ['github'] },
      // A year is not offered any more.
      lifetimeSeconds: WEEK,
      name: 'Old laptop',
    });
  });

  it('denies, and says so to the client', async () => {
    open();
    await userEvent.click(await screen.findByRole('button', { name: 'Deny' }));

    expect(
      await screen.findByRole('heading', { name: 'Denied' }),
    ).toBeInTheDocument();
    expect(leaveTo).toHaveBeenCalledWith(
      'https://portal.example.com/resume/denied',
    );
    expect(api.callsOf('approveConsent')).toEqual([]);
  });

  it('sends the ID token along when the backend wants it', async () => {
    api.consent = consentRequest({ identityProvider: 'oidc' });
    const fetch = jest.fn<Promise<Response>, Parameters<typeof global.fetch>>(
      async () =>
        new Response(
          JSON.stringify({ providerInfo: { idToken: 'header.payload.sig' } }),
        ),
    );
    open(fetch);
    await approve();
    await screen.findByRole('heading', { name: 'Approved' });

    expect(api.callsOf('approveConsent')[0][1]).toMatchObject({
      idToken: 'header.payload.sig',
    });
    const [url, init] = fetch.mock.calls[0];
    expect(url).toBe(
      'https://portal.example.com/api/auth/oidc/refresh?optional&env=development&scope=openid%20profile%20email',
    );
    expect(init).toMatchObject({
      credentials: 'include',
      headers: { 'X-Requested-With': 'XMLHttpRequest' },
    });
  });

  it.each<[string, () => Promise<Response>]>([
    ['is down', () => Promise.reject(new TypeError('Failed to fetch'))],
    ['refuses', async () => new Response('{}', { status: 401 })],
    ['has no ID token', async () => new Response('{"providerInfo":{}}')],
    ['talks nonsense', async () => new Response('<html>')],
  ])(
    'approves without ID token when the auth backend %s',
    async (_, answer) => {
      api.consent = consentRequest({ identityProvider: 'oidc' });
      open(answer);
      await approve();
      await screen.findByRole('heading', { name: 'Approved' });

      expect(api.callsOf('approveConsent')[0][1]).not.toHaveProperty('idToken');
    },
  );

  it.each([403, 404, 410])(
    'says how to start again when the backend answers %d',
    async status => {
      api.failures.getConsentRequest = await refusal(status);
      open();

      expect(
        await screen.findByRole('heading', { name: 'This request is over' }),
      ).toBeInTheDocument();
      expect(screen.getByText(/Start again in/)).toHaveTextContent(
        'Start again in the program that sent you here',
      );
    },
  );

  it('says how to start again when the request expires before the answer', async () => {
    api.failures.approveConsent = await refusal(410);
    open();
    await approve();

    expect(await screen.findByText(/Start again in/)).toHaveTextContent(
      'Start again in Claude Code',
    );
    expect(leaveTo).not.toHaveBeenCalled();
  });

  it('keeps what the user chose when the answer could not be sent', async () => {
    api.failures.approveConsent = await refusal(503);
    open();
    await userEvent.click(
      await screen.findByRole('checkbox', { name: /Use tools that write/ }),
    );
    await approve();

    expect(await screen.findByRole('alert')).toHaveTextContent(
      'Your answer could not be sent',
    );
    expect(
      screen.getByRole('checkbox', { name: /Use tools that write/ }),
    ).not.toBeChecked();
    api.failures = {};
    await userEvent.click(await approveButton());
    expect(
      await screen.findByRole('heading', { name: 'Approved' }),
    ).toBeInTheDocument();
  });

  it('loads again when the backend could not be reached', async () => {
    api.failures.getConsentRequest = new TypeError('Failed to fetch');
    open();
    const retry = await screen.findByRole('button', { name: 'Try again' });
    api.failures = {};
    await userEvent.click(retry);

    expect(
      await screen.findByRole('heading', {
        name: 'Claude Code asks for access',
      }),
    ).toBeInTheDocument();
  });

  it('shows nothing to approve, and asks nothing of the backend, inside another page', async () => {
    jest.mocked(isFramed).mockReturnValue(true);
    open();

    expect(
      await screen.findByRole('heading', {
        name: 'This page does not work inside another one',
      }),
    ).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Approve' })).toBeNull();
    expect(api.calls).toEqual([]);
  });
});
