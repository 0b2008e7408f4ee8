// scripts/ is no package that could be imported by name.
// eslint-disable-next-line @backstage/no-relative-monorepo-imports
import { signIn } from '../../../../scripts/lib/signIn.mjs';
import { connectClient } from '../mcp';
import { eventually } from './eventually';
import { sharedDemo } from './sharedDemo';
import { READY_TIMEOUT_MS, waitUntilReady } from './waitUntilReady';

const ENDPOINT = '/api/catalog-mcp/v1';
const CATALOG_TIMEOUT_MS = 20_000;

/** People of the demo organisation who can sign in. */
export type Persona = 'ada' | 'linus' | 'joan' | 'grace';

/** The demo portal of this run. */
export interface Demo {
  /** Base URL of the portal. */
  url: string;
  /** URL of the catalog's MCP server. */
  endpoint: string;
  /** Signs a persona in without a browser, and returns a Backstage user token. */
  signIn(persona: Persona): Promise<string>;
}

/**
 * The demo that all test files of a run share; tests start when it is ready.
 *
 * Whoever signs in to an MCP client by OAuth takes a persona of their own:
 * Backstage keeps one refresh token for a user and client, so two test files
 * with the same persona would sign each other out.
 */
export function useDemo(): Demo {
  const address = sharedDemo();
  beforeAll(async () => {
    await waitUntilReady(address);
    await waitForCatalogServer(address.url);
  }, READY_TIMEOUT_MS);
  return {
    url: address.url,
    endpoint: `${address.url}${ENDPOINT}`,
    async signIn(persona) {
      const { token } = await signIn(address.url, persona);
      return token;
    },
  };
}

/** The MCP server has its own copy of the catalog, which may be a moment behind. */
async function waitForCatalogServer(url: string): Promise<void> {
  const { token } = await signIn(url, 'ada');
  const client = await connectClient(`${url}${ENDPOINT}`, token);
  await eventually(() => client.ask('get_owner', { ref: 'payments-api' }), {
    what: 'owner of payments-api',
    isWanted: ({ owner }) => Boolean(owner),
    timeoutMs: CATALOG_TIMEOUT_MS,
  });
  await client.close();
}
