import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import {
  FakeAgentAuthApi,
  refusal,
  renderPlugin,
  waitUntilEnabled,
} from '../../__testUtils__';
import { isFramed } from '../../framing';

// jsdom lets no test put a page into a frame.
jest.mock('../../framing', () => ({ isFramed: jest.fn() }));

describe('the device page', () => {
  let api: FakeAgentAuthApi;

  beforeEach(() => {
    jest.mocked(isFramed).mockReset().mockReturnValue(false);
    api = new FakeAgentAuthApi();
  });

  const open = (query = '') =>
    renderPlugin({ path: `/agent-auth/device${query}`, api });

  const codeField = () => screen.findByRole('textbox', { name: 'Code' });

  it('takes the code however it is typed, and asks for it when Enter is pressed', async () => {
    open();
    const field = await codeField();
    await userEvent.type(field, 'bcdf');
    expect(field).toHaveValue('BCDF');
    expect(screen.getByRole('button', { name: 'Continue' })).toBeDisabled();
    await userEvent.type(field, 'ghj{Enter}');
    expect(field).toHaveValue('BCDF-GHJ');
    expect(api.calls).toEqual([]);
    await userEvent.type(field, 'k{Enter}');

    expect(
      await screen.findByRole('heading', {
        name: 'Claude Code asks for access',
      }),
    ).toHaveFocus();
    expect(api.callsOf('getDeviceRequest')).toEqual([['BCDF-GHJK']]);
  });

  it('fills in a code that comes with the link, and never sends it by itself', async () => {
    open('?user_code=bcdfghjk');
    expect(await codeField()).toHaveValue('BCDF-GHJK');
    expect(
      screen.getByText(/Continue only if your device shows the same one/),
    ).toBeInTheDocument();
    await new Promise(resolve => setTimeout(resolve, 700));
    expect(api.calls).toEqual([]);

    await userEvent.click(screen.getByRole('button', { name: 'Continue' }));
    expect(
      await screen.findByRole('button', { name: 'Approve' }),
    ).toBeInTheDocument();
  });

  it('shows code, address and program of the device, and warns even if the backend does not', async () => {
    open('?user_code=BCDF-GHJK');
    await userEvent.click(
      await screen.findByRole('button', { name: 'Continue' }),
    );

    expect(
      await screen.findByText(/Only continue if you started this yourself/),
    ).toBeInTheDocument();
    expect(screen.getByText('BCDF-GHJK')).toBeInTheDocument();
    expect(screen.getByText('opencode 1.2 on Linux')).toBeInTheDocument();
    expect(screen.getByText(/203\.0\.113\.7/)).toBeInTheDocument();
  });

  it.each(['Approve', 'Deny'] as const)(
    'sends the answer %s for the code that was entered',
    async answer => {
      open('?user_code=BCDF-GHJK');
      await userEvent.click(
        await screen.findByRole('button', { name: 'Continue' }),
      );
      const button = await screen.findByRole('button', { name: answer });
      await waitUntilEnabled(button);
      await userEvent.click(button);

      expect(
        await screen.findByText(
          'You can close this page and go back to your terminal.',
        ),
      ).toBeInTheDocument();
      const approvals = api.callsOf('approveDevice');
      const denials = api.callsOf('denyDevice');
      expect([approvals.length, denials.length]).toEqual(
        answer === 'Approve' ? [1, 0] : [0, 1],
      );
      expect([...approvals, ...denials][0][0]).toBe('BCDF-GHJK');
    },
  );

  it('says when no device waits with the code, and lets the user correct it', async () => {
    open();
    await userEvent.type(await codeField(), 'zzzzzzzz{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'No device waits with this code',
    );
    expect(await codeField()).toHaveValue('ZZZZ-ZZZZ');

    await userEvent.clear(await codeField());
    await userEvent.type(await codeField(), 'bcdfghjk{Enter}');
    expect(
      await screen.findByRole('button', { name: 'Approve' }),
    ).toBeInTheDocument();
  });

  it('says which letters cannot be in a code', async () => {
    open();
    await userEvent.type(await codeField(), 'abcdefgh{Enter}');

    expect(screen.getByRole('alert')).toHaveTextContent('no vowels');
    expect(api.calls).toEqual([]);
  });

  it('says how long to wait after too many wrong codes', async () => {
    api.failures.getDeviceRequest = await refusal(429, { 'retry-after': '42' });
    open('?user_code=BCDF-GHJK');
    await userEvent.click(
      await screen.findByRole('button', { name: 'Continue' }),
    );

    expect(await screen.findByRole('alert')).toHaveTextContent(
      'Too many wrong codes. Wait 42 seconds, then try again.',
    );
  });

  it('says so when the device gave up in the meantime', async () => {
    api.failures.approveDevice = await refusal(410);
    open('?user_code=BCDF-GHJK');
    await userEvent.click(
      await screen.findByRole('button', { name: 'Continue' }),
    );
    const button = await screen.findByRole('button', { name: 'Approve' });
    await waitUntilEnabled(button);
    await userEvent.click(button);

    expect(
      await screen.findByRole('heading', { name: 'This request is over' }),
    ).toBeInTheDocument();
  });

  it('does not work inside another page', async () => {
    jest.mocked(isFramed).mockReturnValue(true);
    open('?user_code=BCDF-GHJK');

    expect(
      await screen.findByRole('heading', {
        name: 'This page does not work inside another one',
      }),
    ).toBeInTheDocument();
    expect(screen.queryByRole('textbox')).toBeNull();
  });
});
