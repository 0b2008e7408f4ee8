import type { CatalogClient } from '../mcp';
import { ClientMemory } from './ClientMemory';
import { currentGeneration, Generation } from './generations';
import { LoopbackClient } from './LoopbackClient';

/** A client that somebody has signed in to. */
export interface AuthorizedClient extends CatalogClient {
  auth: ClientMemory;
}

/**
 * Connects an MCP client that knows only the URL of the server: it finds out
 * where to sign in, has the user do it, and exchanges the code for tokens.
 *
 * @param options.openBrowser - sends the user to a URL; the client meanwhile waits for the redirect
 * @param options.clientId - of a registered client. Default: the client describes itself in a document
 * @param options.generation - of the SDK. Default: the second
 * @throws Error with OAuth's error code when the user refuses
 */
export async function connectWithOAuth(
  endpoint: string,
  options: {
    openBrowser: (url: URL) => Promise<unknown>;
    clientId?: string;
    generation?: Generation;
  },
): Promise<AuthorizedClient> {
  const { openBrowser, generation = currentGeneration } = options;
  const url = new URL(endpoint);
  const loopback = await LoopbackClient.start();
  try {
    const auth = new ClientMemory({
      clientId: options.clientId ?? loopback.documentUrl,
      redirectUrl: loopback.callbackUrl,
    });
    const finish = await generation.begin(url, auth);
    await openBrowser(auth.authorizationUrls[0]);
    const params = await loopback.received();
    if (params.get('state') !== auth.state()) {
      throw new Error('The redirect does not belong to this sign-in');
    }
    await finish(params);
    return { ...(await generation.connect(url, auth)), auth };
  } finally {
    await loopback.stop();
  }
}
