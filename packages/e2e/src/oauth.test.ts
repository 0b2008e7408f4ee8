import { useDemo } from './demo';
import {
  authorizeWithoutBrowser,
  connectWithOAuth,
  currentGeneration,
  legacyGeneration,
} from './oauth';

const demo = useDemo();

/** How the authorization server knows a client. */
const described = {
  known: 'describes itself',
  clientId: undefined,
  shownId: /^http:\/\/localhost:\d+\/client\.json$/,
};
const registered = {
  known: 'is registered',
  clientId: 'mcp-inspector',
  shownId: /^mcp-inspector$/,
};

describe('an MCP client that knows only the URL of the server', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('finds the authorization server through the metadata of the resource', async () => {
    const refused = await fetch(demo.endpoint, { method: 'POST' });
    expect(refused.status).toBe(401);

    const challenge = refused.headers.get('www-authenticate');
    const [, metadataUrl, scope] =
      /^Bearer resource_metadata="([^"]+)", scope="([^"]+)"$/.exec(challenge!)!;
    expect(scope).toBe('catalog:read');
    const metadata = await (await fetch(metadataUrl)).json();
    expect(metadata).toMatchObject({
      resource: demo.endpoint,
      authorization_servers: [demo.issuer],
      scopes_supported: ['catalog:read'],
    });
  });

  it.each([
    { sdk: 'second', generation: currentGeneration, ...described },
    { sdk: 'second', generation: currentGeneration, ...registered },
    { sdk: 'first', generation: legacyGeneration, ...described },
    { sdk: 'first', generation: legacyGeneration, ...registered },
  ])(
    'signs the user in, calls tools as that user, and stays signed in (SDK of the $sdk generation, client that $known)',
    async ({ generation, clientId, shownId }) => {
      const token = await demo.signIn('linus');
      const client = await connectWithOAuth(demo.endpoint, {
        openBrowser: url => authorizeWithoutBrowser(url, token),
        generation,
        clientId,
      });
      const { auth } = client;

      const [authorization] = auth.authorizationUrls;
      expect(Object.fromEntries(authorization.searchParams)).toMatchObject({
        response_type: 'code',
        code_challenge_method: 'S256',
        resource: demo.endpoint,
        scope: expect.stringContaining('catalog:read'),
        client_id: expect.stringMatching(shownId),
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
    },
  );

  it('cannot use a code without the verifier of the client that asked for it', async () => {
    const token = await demo.signIn('joan');
    // The client says that it forgets its tokens.
    jest.spyOn(console, 'warn').mockImplementation();
    await expect(
      connectWithOAuth(demo.endpoint, {
        openBrowser: url => {
          url.searchParams.set('code_challenge', 'a'.repeat(43));
          return authorizeWithoutBrowser(url, token);
        },
      }),
    ).rejects.toThrow(/invalid_grant|grant request is invalid/i);
  });

  it('gets no access when nobody is signed in at the consent page', async () => {
    await expect(
      connectWithOAuth(demo.endpoint, {
        openBrowser: url => authorizeWithoutBrowser(url, 'not a token'),
      }),
    ).rejects.toThrow('Could not see the request (401)');
  });

  it('gets no access with the consent of another agent', async () => {
    const agentToken = await demo.agentToken('joan');
    await expect(
      connectWithOAuth(demo.endpoint, {
        openBrowser: url => authorizeWithoutBrowser(url, agentToken),
      }),
    ).rejects.toThrow('Could not see the request (401)');
  });
});
