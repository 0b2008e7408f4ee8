import {
  Client,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { UnauthorizedError as LegacyUnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CatalogClient,
  catalogClient,
  CLIENT_INFO,
  legacyCatalogClient,
} from '../mcp';
import type { ClientMemory } from './ClientMemory';

/** How a generation of the SDK signs in by OAuth. */
export interface Generation {
  /**
   * Connects without a token, which sends the user to the authorization server.
   *
   * @returns what ends the sign-in, with the parameters of the redirect
   */
  begin(
    endpoint: URL,
    memory: ClientMemory,
  ): Promise<(params: URLSearchParams) => Promise<void>>;
  /** Connects once signed in. */
  connect(endpoint: URL, memory: ClientMemory): Promise<CatalogClient>;
}

/** The SDK's second generation. */
export const currentGeneration: Generation = {
  async begin(endpoint, authProvider) {
    const transport = new StreamableHTTPClientTransport(endpoint, {
      authProvider,
    });
    await expectError(UnauthorizedError, newClient().connect(transport));
    return params => transport.finishAuth(params);
  },

  async connect(endpoint, authProvider) {
    const client = newClient();
    await client.connect(
      new StreamableHTTPClientTransport(endpoint, { authProvider }),
    );
    return catalogClient(client);
  },
};

/** The SDK's first generation. */
export const legacyGeneration: Generation = {
  async begin(endpoint, authProvider) {
    const transport = new LegacyTransport(endpoint, { authProvider });
    await expectError(
      LegacyUnauthorizedError,
      new LegacyClient(CLIENT_INFO).connect(transport),
    );
    return async params => {
      const error = params.get('error');
      if (error) {
        throw new Error(`${error}: ${params.get('error_description')}`);
      }
      await transport.finishAuth(params.get('code')!);
    };
  },

  async connect(endpoint, authProvider) {
    const client = new LegacyClient(CLIENT_INFO);
    const transport = new LegacyTransport(endpoint, { authProvider });
    await client.connect(transport);
    return legacyCatalogClient(client, transport);
  },
};

function newClient(): Client {
  return new Client(CLIENT_INFO, { versionNegotiation: { mode: 'auto' } });
}

async function expectError(
  type: new (message?: string) => Error,
  connecting: Promise<void>,
): Promise<void> {
  try {
    await connecting;
  } catch (error) {
    if (error instanceof type) {
      return;
    }
    throw error;
  }
  throw new Error('The server does not ask for a sign-in');
}
