import {
  Client,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { CatalogClient, catalogClient, CLIENT_INFO } from '../mcp';
import { CommandLineAuth } from './CommandLineAuth';
import { LoopbackCallback } from './LoopbackCallback';

/** A client that somebody has signed in to. */
export interface AuthorizedClient extends CatalogClient {
  auth: CommandLineAuth;
}

/**
 * Connects an MCP client that knows only the URL of the server: it finds out
 * where to sign in, has the user do it, and exchanges the code for tokens.
 *
 * @param openBrowser - sends the user to a URL; the client meanwhile waits for the redirect
 * @throws Error with OAuth's error code when the user refuses
 */
export async function connectWithOAuth(
  endpoint: string,
  openBrowser: (url: URL) => Promise<void>,
): Promise<AuthorizedClient> {
  const callback = await LoopbackCallback.start();
  try {
    const auth = new CommandLineAuth(new URL(endpoint).origin, callback.url);
    const transport = () =>
      new StreamableHTTPClientTransport(new URL(endpoint), {
        authProvider: auth,
      });

    const first = transport();
    await expectUnauthorized(newClient().connect(first));
    await openBrowser(auth.authorizationUrls[0]);
    const params = await callback.received();
    if (params.get('state') !== auth.state()) {
      throw new Error('The redirect does not belong to this sign-in');
    }
    await first.finishAuth(params);

    const client = newClient();
    await client.connect(transport());
    return { ...catalogClient(client), auth };
  } finally {
    await callback.stop();
  }
}

function newClient(): Client {
  return new Client(CLIENT_INFO, { versionNegotiation: { mode: 'auto' } });
}

async function expectUnauthorized(connecting: Promise<void>): Promise<void> {
  try {
    await connecting;
  } catch (error) {
    if (error instanceof UnauthorizedError) {
      return;
    }
    throw error;
  }
  throw new Error('The server does not ask for a sign-in');
}
