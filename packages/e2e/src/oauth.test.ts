import { useDemo } from './demo';
import { authorizeWithoutBrowser, connectWithOAuth } from './oauth';

const demo = useDemo();

describe('an MCP client that knows only the URL of the server', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('finds the authorization server through the metadata of the resource', async () => {
    const refused = await fetch(demo.endpoint, { method: 'POST' });
    expect(refused.status).toBe(401);

    const challenge = refused.headers.get('www-authenticate');
    const metadataUrl = /^Bearer resource_metadata="([^"]+)"$/.exec(
      challenge!,
    )![1];
    const metadata = await (await fetch(metadataUrl)).json();
    expect(metadata).toMatchObject({
      resource: demo.endpoint,
      authorization_servers: [`${demo.url}/api/auth`],
    });
  });

  it('signs the user in, calls tools as that user, and stays signed in', async () => {
    const token = await demo.signIn('linus');
    const client = await connectWithOAuth(demo.endpoint, url =>
      authorizeWithoutBrowser(url, token),
    );
    const { auth } = client;

    const [authorization] = auth.authorizationUrls;
    expect(Object.fromEntries(authorization.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      resource: demo.endpoint,
      scope: 'openid offline_access',
    });
    await expect(client.ask('get_team')).resolves.toMatchObject({
      ref: 'group:default/payments-team',
    });

    const first = auth.tokens()!;
    expect(first.refresh_token).toEqual(expect.any(String));
    auth.saveTokens({ ...first, access_token: 'no longer valid' });
    await expect(client.ask('get_team')).resolves.toMatchObject({
      ref: 'group:default/payments-team',
    });

    const second = auth.tokens()!;
    expect(second.access_token).not.toBe('no longer valid');
    expect(second.refresh_token).toEqual(expect.any(String));
    expect(second.refresh_token).not.toBe(first.refresh_token);
    // The user was not asked a second time.
    expect(auth.authorizationUrls).toHaveLength(1);
    await client.close();
  });

  it('cannot use a code without the verifier of the client that asked for it', async () => {
    const token = await demo.signIn('joan');
    // The client says that it forgets its tokens.
    jest.spyOn(console, 'warn').mockImplementation();
    await expect(
      connectWithOAuth(demo.endpoint, url => {
        url.searchParams.set('code_challenge', 'a'.repeat(43));
        return authorizeWithoutBrowser(url, token);
      }),
    ).rejects.toThrow(/code verifier|invalid_grant/i);
  });

  it('gets no access when nobody is signed in at the consent page', async () => {
    await expect(
      connectWithOAuth(demo.endpoint, url =>
        authorizeWithoutBrowser(url, 'not a token'),
      ),
    ).rejects.toThrow('Could not approve (403)');
  });
});
