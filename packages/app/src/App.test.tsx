import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import App from './App';

const EXPIRED_SESSION = new Response('{}', { status: 401 });

describe('App', () => {
  beforeEach(() => {
    process.env = {
      ...process.env,
      APP_CONFIG: [
        {
          context: 'test',
          data: {
            app: { title: 'Prompt Corner', baseUrl: 'http://localhost' },
            backend: { baseUrl: 'http://localhost' },
          },
        },
      ] as any,
    };
    jest.spyOn(global, 'fetch').mockResolvedValue(EXPIRED_SESSION);
  });

  afterEach(() => jest.restoreAllMocks());

  it('asks an unknown visitor to sign in, at the OpenID Connect provider', async () => {
    const open = jest.spyOn(window, 'open').mockReturnValue(null);
    render(App.createRoot());

    expect(
      await screen.findByRole(
        'heading',
        { name: 'Sign in to Prompt Corner' },
        { timeout: 20_000 },
      ),
    ).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));

    expect(open).toHaveBeenCalledWith(
      expect.stringContaining('http://localhost/api/auth/oidc/start?'),
      expect.anything(),
      expect.anything(),
    );
  }, 30_000);
});
